"""Every row with an account is seen by the members of that account alone."""

import re
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ibconsole.team_archive.tables import MIGRATIONS
from tests.postgres import OUTSIDER, Connection, TeamDatabase

ACME, GLOBEX = 1, 2
UUID = "00000000-0000-0000-0000-000000000000"
MEMBERS = ("collector", "operator", "reader")


def tables_with_accounts() -> list[str]:
    """Return the tables with a column for the account; first those that others refer to."""
    tables = re.findall(
        r"CREATE TABLE ibconsole\.(\w+) \((.*?)\n    \)", "".join(MIGRATIONS), re.DOTALL
    )
    return [name for name, columns in tables if re.search(r"\baccount integer", columns)]


def insert(db: Connection, table: str, account: int, **values: Any) -> None:
    """Insert a row of an account, with something in every column that needs a value."""
    columns = db.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND attnotnull AND NOT atthasdef"
        " AND attidentity = ''",
        [f"ibconsole.{table}"],
    ).fetchall()
    now = int(db.execute("SELECT extract(epoch FROM now()) * 1000").fetchall()[0][0])
    known = {"account": account, "source": 1, "arrived_at": now, "via": "pull"}
    known |= {"capability": "reader", "token": UUID, "attempt": UUID, "identity": b"\0" * 32}
    plain = {"text": "", "bytea": b"", "boolean": False, "name": ""}
    row = {name: known.get(name, plain.get(kind, 1)) for name, kind in columns} | values
    db.execute(
        sql.SQL("INSERT INTO ibconsole.{} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join([sql.SQL("%s")] * len(row)),
        ),
        list(row.values()),
    )


def accounts_seen(db: Connection, table: str) -> list[int] | None:
    """Return the accounts of the rows that this user sees; None if it may not read the table."""
    query = sql.SQL("SELECT account FROM ibconsole.{}").format(sql.Identifier(table))
    try:
        return [account for (account,) in db.execute(query).fetchall()]
    except psycopg.errors.InsufficientPrivilege:
        return None


def test_every_table_with_an_account_has_row_security() -> None:
    """A new table with an account cannot be forgotten."""
    secured = re.findall(
        r"ALTER TABLE ibconsole\.(\w+) ENABLE ROW LEVEL SECURITY", "".join(MIGRATIONS)
    )

    assert {*tables_with_accounts(), "account"} == set(secured)


def test_no_row_of_another_account_is_seen(team: TeamDatabase) -> None:
    """Neither tables nor functions show another account's rows, and none can be added to it."""
    tables = [one for one in tables_with_accounts() if one != "member"]
    owner = team.db()
    for table in tables:
        insert(owner, table, GLOBEX)

    for role in MEMBERS:
        db = team.db(role)
        assert [one for one in tables if accounts_seen(db, one)] == []
        assert db.execute("SELECT id FROM ibconsole.account").fetchall() == [(ACME,)]
        assert db.execute("SELECT DISTINCT account FROM ibconsole.member").fetchall() == [(ACME,)]
        assert db.execute("SELECT ibconsole.capabilities(2)").fetchall() == [([],)]
        for table in tables:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                insert(db, table, GLOBEX)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(sql.SQL("DELETE FROM ibconsole.{}").format(sql.Identifier(table)))
        if role != "reader":
            assert db.execute("UPDATE ibconsole.source SET label = 'mine'").rowcount == 0
            take = "UPDATE ibconsole.redelivery_claim SET state = 'released', source = 1"
            assert db.execute(take).rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("SELECT * FROM ibconsole.propose_messages(2, '{%}', 0, 9, 9)")
    outsider = team.db(OUTSIDER)
    assert [one for one in tables if accounts_seen(outsider, one) != [GLOBEX]] == []


def test_each_role_does_what_it_is_for(team: TeamDatabase) -> None:
    """A collector inserts and reads no message, a reader reads, an operator does both."""
    owner, collector, operator, reader = map(team.db, ("owner", *MEMBERS))
    insert(collector, "source", ACME)
    others = [one for one in tables_with_accounts() if one not in {"source", "member"}]
    for table in others:
        insert(operator if table == "pull_request" else collector, table, ACME)

    for db in (owner, operator, reader):
        assert [one for one in others if accounts_seen(db, one) != [ACME]] == []
    assert [one for one in others if accounts_seen(collector, one) is None] == [
        "content",
        "message",
    ]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        insert(collector, "pull_request", ACME)
    collector.execute("UPDATE ibconsole.pull_request SET state = 'taken'")
    insert(owner, "source", GLOBEX)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        insert(operator, "audit", ACME, source=2, number=7)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        operator.execute("UPDATE ibconsole.redelivery_claim SET source = 2")
    for column in ("account", "url", "identity"):  # a claim is of one message for ever
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            operator.execute(
                sql.SQL("UPDATE ibconsole.redelivery_claim SET {0} = {0}").format(
                    sql.Identifier(column)
                )
            )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("UPDATE ibconsole.redelivery_claim SET state = 'released'")
    for table, column in (("delivery", "id"), ("message", "id"), ("delivery", "shipped_at")):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):  # it may be that of another row
            insert(operator, table, ACME, **{column: 7})


def test_a_group_may_be_a_member(team: TeamDatabase) -> None:
    """Who joins or leaves a group of the server needs no change in the team's archive."""
    owner = team.db()
    owner.execute("CREATE ROLE newcomer LOGIN")
    db = team.db("newcomer")
    try:
        owner.execute("GRANT reader TO newcomer")
        assert db.execute("SELECT ibconsole.capabilities(1)").fetchall() == [(["reader"],)]
        owner.execute("REVOKE reader FROM newcomer")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("SELECT ibconsole.capabilities(1)")
    finally:
        owner.execute("DROP ROLE newcomer")

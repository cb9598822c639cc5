"""The preparation of a database can be repeated, and needs no superuser."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ibconsole.team_archive import (
    SearchSupport,
    TeamTooNew,
    UnsuitableDatabase,
)
from ibconsole.team_archive.administration import Preparation, connect_owner, prepare
from ibconsole.team_archive.tables import MIGRATIONS, READABLE_FROM
from tests.postgres import TeamDatabase


def test_each_version_names_its_readers() -> None:
    """Every version of the tables says which programs can use it."""
    assert len(READABLE_FROM) == len(MIGRATIONS)
    assert all(lowest <= version for version, lowest in enumerate(READABLE_FROM, start=1))


def test_it_needs_no_superuser(team: TeamDatabase) -> None:
    """The owner of a database, who may create roles, prepares it, several times at once too."""
    server = team.server
    with server.connect() as db:
        db.execute("CREATE ROLE builder LOGIN CREATEROLE")
        db.execute("CREATE DATABASE built OWNER builder")
    try:
        connections = [server.connect("builder", "built") for _ in range(2)]
        with ThreadPoolExecutor(2) as threads:
            done = sorted(threads.map(prepare, connections), key=lambda one: one.before)
        assert [one.version for one in done] == [len(MIGRATIONS)] * 2
        assert prepare(connections[0]) == Preparation(
            len(MIGRATIONS), len(MIGRATIONS), SearchSupport.TRIGRAMS, 0, 0
        )
        for one in connections:
            one.close()
    finally:
        with server.connect() as db:
            db.execute("DROP DATABASE built WITH (FORCE)")
            db.execute("REVOKE ibconsole_owner FROM builder")
            db.execute("DROP ROLE builder")


def test_restored_rows_are_seen_by_feeds(team: TeamDatabase) -> None:
    """Rows of a dump, with transactions that are still to come, are made visible."""
    db = connect_owner(team.address(), None)
    db.execute(
        "INSERT INTO ibconsole.delivery (arrived_at, account, source, origin, via, state, began_at,"
        " xid) VALUES (ibconsole.now_ms(), 1, 1, 'a:1', 'pull', 'decoded', 0, '900000000'),"
        " (ibconsole.now_ms(), 1, 1, 'a:2', 'pull', 'decoded', 0, '5')"
    )

    assert prepare(db).reset == 1
    assert prepare(db).reset == 0
    rows = db.execute("SELECT origin, xid FROM ibconsole.delivery ORDER BY origin").fetchall()
    assert rows == [("a:1", "3"), ("a:2", "5")]
    db.close()


def test_tables_of_the_first_version_are_migrated(team: TeamDatabase) -> None:
    """What they hold stays, and the users of before may claim without another grant."""
    owner = team.db()
    owner.execute("DROP SCHEMA ibconsole CASCADE")
    owner.execute("CREATE SCHEMA ibconsole AUTHORIZATION ibconsole_owner")
    owner.execute("SET ROLE ibconsole_owner")
    owner.execute(MIGRATIONS[0])
    owner.execute("INSERT INTO ibconsole.about VALUES ('version', '1'), ('readable_from', '1')")
    owner.execute("INSERT INTO ibconsole.account (name, added_at) VALUES ('acme', 1)")
    owner.execute("RESET ROLE")
    with connect_owner(team.address(), None) as db:
        assert (prepare(db).before, prepare(db).before) == (1, len(MIGRATIONS))
    assert owner.execute("SELECT name FROM ibconsole.account").fetchall() == [("acme",)]
    rights = (
        "SELECT has_table_privilege(one, 'ibconsole.redelivery_claim', 'INSERT'),"
        " has_table_privilege(one, 'ibconsole.redelivery_claim', 'SELECT')"
        " FROM unnest(%s::name[]) AS one"
    )
    found = owner.execute(rights, [["collector", "operator", "reader"]]).fetchall()

    assert found == [(True, True), (True, True), (False, True)]


def test_unsuitable_databases(team: TeamDatabase) -> None:
    """Tables of a newer program, and a database that cannot store every text, are left alone."""
    db = team.db()
    db.execute("UPDATE ibconsole.about SET value = '99' WHERE name = 'version'")
    with pytest.raises(TeamTooNew, match="Nothing was changed"):
        prepare(db)
    db.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        with (
            team.server.connect(database="latin") as latin,
            pytest.raises(UnsuitableDatabase, match="not UTF8"),
        ):
            prepare(latin)
    finally:
        db.execute("DROP DATABASE latin WITH (FORCE)")


def test_without_trigrams(team: TeamDatabase) -> None:
    """Where pg_trgm is not permitted or missing, texts are searched without it; later with it."""
    db = team.db()
    db.execute("DROP EXTENSION pg_trgm CASCADE")

    owner = team.db("owner")
    assert prepare(owner).search_support is SearchSupport.SCAN
    assert prepare(db).search_support is SearchSupport.TRIGRAMS

"""The commands of a team's owner, from an empty database to its retention."""

import pytest

from tests.postgres import PostgresServer, TeamDatabase
from tests.unit.cli.conftest import Command


def test_from_nothing_to_a_team(ibconsole: Command, team_server: PostgresServer) -> None:
    """An owner prepares a database, lets users in and out, and sees who may do what."""
    team_server.start()
    with team_server.connect() as db:
        db.execute("CREATE DATABASE fresh")
        db.execute("CREATE ROLE anna LOGIN")
    try:
        database = ("--database", team_server.url("postgres", "fresh"))
        early = ibconsole("team", "status", *database)
        assert (early.code, early.out) == (1, "")
        assert "Its owner creates them with ibconsole team init" in early.err

        done = ibconsole("team", "init", "--account", "acme", *database)
        assert done.code == 0
        assert "is a team's archive now" in done.err
        assert "The tables are up to date" in ibconsole("team", "migrate", *database).err

        rights = ("anna", "--as", "operator", "--account", "acme", *database)
        assert ibconsole("team", "grant", *rights).code == 0
        assert ibconsole("team", "members", "--json", *database).json == [
            {"account": "acme", "role": "anna", "capability": "operator", "exists": True}
        ]
        assert "anna" in ibconsole("team", "members", *database).out
        assert (
            "is operator"
            in ibconsole("team", "status", "--database", team_server.url("anna", "fresh")).out
        )
        assert ibconsole("team", "revoke", *rights).code == 0
        again = ibconsole("team", "revoke", *rights)
        assert (again.code, again.err) == (
            1,
            "anna itself was no operator of acme. Nothing was changed.\n",
        )
    finally:
        with team_server.connect() as db:
            db.execute("DROP DATABASE fresh WITH (FORCE)")
            db.execute("DROP ROLE anna")


def test_retention(ibconsole: Command, team: TeamDatabase) -> None:
    """Months are dropped after a question alone, and only if the owner keeps fewer."""
    database = ("--database", team.address("owner").database)
    team.db().execute("SELECT ibconsole.create_partitions(1577880000000, 1577880000000)")

    assert "Everything is kept." in ibconsole("team", "retention", *database).out
    kept = ibconsole("team", "retention", "--keep", "12", "--apply", *database)
    assert kept.code == 2
    assert "There is no terminal to ask on: add --yes" in kept.err
    assert ibconsole("team", "retention", "--json", *database).json["expired"] == [
        {"month": "2020-01", "deliveries": 0, "later": 0}
    ]
    assert "Expired: 2020-01" in ibconsole("team", "retention", *database).out
    done = ibconsole("team", "retention", "--apply", "--yes", "--trust-clock", *database)
    assert done.err == "1 month dropped.\n"
    assert ibconsole("team", "retention", "--keep-everything", *database).code == 0


def test_health(ibconsole: Command, team: TeamDatabase) -> None:
    """The doctor names each problem, and what to do about it, by its exit code as well."""
    found = ibconsole("team", "doctor", "--json", "--database", team.address("owner").database)

    problems = {one["name"] for one in found.json["checks"] if not one["good"]}
    assert (found.code, problems) == (1, {"Durability", "Vacuum", "Months"})
    lines = ibconsole("team", "doctor", "--database", team.address("reader").database).out
    assert "PROBLEM  Durability: A crash of the server can lose" in lines
    assert "Switch fsync and full_page_writes on.\n" in lines
    missing = ibconsole("team", "doctor", "--database", team.server.url("owner", "missing"))
    assert (missing.code, missing.err) == (1, "")
    assert missing.out.startswith("PROBLEM  Connection: There is no database at ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["status"], "Name the team's database once"),
        (["grant", "anna", "--as", "reader", "--database", "service=x"], "Name the account"),
        (
            ["grant", "anna", "--as", "owner", "--account", "acme", "--database", "service=x"],
            "an owner has all of them",
        ),
        (
            ["retention", "--keep", "1", "--keep-everything", "--database", "service=x"],
            "not both",
        ),
    ],
)
def test_usage(ibconsole: Command, arguments: list[str], sentence: str) -> None:
    """A command that is not clear connects to nothing."""
    result = ibconsole("team", *arguments)

    assert result.code == 2
    assert sentence in result.err


def test_read_only(ibconsole: Command) -> None:
    """--read-only holds for a team's archive, too."""
    database = ("--database", "service=x")
    for command in (
        ["init"],
        ["migrate"],
        ["grant", "anna", "--as", "owner"],
        ["revoke", "anna", "--as", "owner"],
        ["retention", "--keep", "1"],
    ):
        result = ibconsole("--read-only", "team", *command, *database)
        assert result.code == 2
        assert "--read-only was given" in result.err

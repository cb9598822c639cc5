"""The address of a team's archive is a URL or a service, and never has a secret."""

import pytest

from ibconsole.team_archive import BadTeamAddress, TeamAddress, normalize_team_database


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("postgresql://anna@db.example/team", "postgresql://anna@db.example/team"),
        (" postgres://db.example:5433/team ", "postgresql://db.example:5433/team"),
        ("postgresql:///team?host=/run/x", "postgresql:///team?host=/run/x"),
        ("service=team-eu", "service=team-eu"),
    ],
)
def test_addresses(typed: str, kept: str) -> None:
    """URLs of PostgreSQL and names of services are addresses."""
    assert normalize_team_database(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "db.example",
        "mysql://db.example/team",
        "postgresql://anna:secret@db.example/team",
        "postgresql://anna%3Asecret@db.example/team",
        "postgresql://db.example/team?password=secret",
        "postgresql://db.example/team?sslpassword=secret",
        "postgresql://db.example/team?PassWord=secret",
        "postgresql://db.example/team#x",
        "postgresql://[db.example/team",
        "postgresql://db.example/te am",
        "service=team password=secret",
        "postgresql://db.example/" + "x" * 3_000,
    ],
)
def test_what_is_no_address(typed: str) -> None:
    """Other texts, and those with a password, are refused by one sentence without the password."""
    with pytest.raises(BadTeamAddress) as refused:
        normalize_team_database(typed)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("database", "label"),
    [
        ("postgresql://anna@db.example/team?sslmode=verify-full", "db.example/team"),
        ("postgresql:///team", "this computer/team"),
        ("service=team-eu", "team-eu"),
    ],
)
def test_label(database: str, label: str) -> None:
    """Users recognize an address by host and database, or by its service."""
    assert TeamAddress(database, "acme").label == label

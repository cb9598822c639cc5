"""The address of a team's archive is a URL or a service, and never has a secret."""

import pytest

from ibconsole.team_archive import (
    BadTeamAddress,
    TeamAddress,
    is_database,
    normalize_team_database,
)


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
        ("postgresql://anna@%2Frun%2Fpostgresql:5433/team", "this computer/team"),
        ("postgresql://anna@db.example/team?sslmode=verify-full", "db.example/team"),
        ("postgresql:///team", "this computer/team"),
        ("service=team-eu", "team-eu"),
    ],
)
def test_label(database: str, label: str) -> None:
    """Users recognize an address by host and database, or by its service."""
    assert TeamAddress(database, "acme").label == label


PINNED = "postgresql://db.example/team?sslmode=verify-full"


@pytest.mark.parametrize(
    ("database", "pinned", "expected"),
    [
        (PINNED, PINNED, True),
        ("postgresql://anna@DB.example:5432/te%61m?sslmode=verify-full", PINNED, True),
        ("postgresql://db.example/team?user=anna&sslmode=verify-full&sslcert=x", PINNED, True),
        ("postgresql://db.example/team", PINNED, False),
        ("postgresql://db.example/team?sslmode=verify-full&sslmode=disable", PINNED, False),
        ("postgresql://db.example/team?sslmode=verify-full&ssl=true", PINNED, False),
        ("postgresql://db.example/team?sslmode=verify-full&hostaddr=192.0.2.1", PINNED, False),
        ("postgresql://db.example/other?sslmode=verify-full", PINNED, False),
        ("postgresql://db.example@evil.example/team?sslmode=verify-full", PINNED, False),
        ("postgresql://db.example,evil.example/team?sslmode=verify-full", PINNED, False),
        ("postgresql:///team?host=/run/x", "postgresql:///team?host=/run/x", True),
        ("postgresql:///team?host=/run/y", "postgresql:///team?host=/run/x", False),
        ("service=team", "service=team", True),
        ("service=team", PINNED, False),
    ],
)
def test_a_pinned_database(database: str, pinned: str, *, expected: bool) -> None:
    """Only the user and what leads nowhere else may differ from it."""
    assert is_database(database, pinned) is expected

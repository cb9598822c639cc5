"""The rules for a valid connection."""

import pytest
from msgspec.structs import replace

from ibconsole.services.connections.connection import (
    AuthorizationKind,
    Connection,
    InvalidConnection,
    new_id,
)
from ibconsole.team_archive import TeamAddress

GOOD = Connection(id=new_id(), name="Acme", base_url="https://acme.api.infobip.com")


def test_a_connection_is_normalized() -> None:
    """A pasted connection is saved in its canonical spelling."""
    pasted = replace(
        GOOD, name="  Acme \t Ltd ", base_url="ACME.api.infobip.com/push/", identity="x"
    )

    assert pasted.normalized() == replace(GOOD, name="Acme Ltd")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "Acme\u202egnp"}, "name"),
        ({"base_url": "http://acme.api.infobip.com"}, "base_url"),
        ({"base_url": "https://portal.infobip.com"}, "base_url"),
        ({"kind": AuthorizationKind.BASIC}, "identity"),
        ({"kind": AuthorizationKind.BASIC, "identity": "anna:x"}, "identity"),
        ({"kind": AuthorizationKind.OAUTH2, "identity": "a\x00b"}, "identity"),
        ({"id": "../../etc"}, "id"),
        ({"team": "mysql://team.example/x", "team_account": "acme"}, "team"),
        ({"team": "postgresql://anna:x@team.example/x", "team_account": "acme"}, "team"),
        ({"team": "service=team"}, "team_account"),
        ({"team": "service=team", "team_account": "ac\u202eme"}, "team_account"),
        ({"team": "service=team", "team_account": "x" * 61}, "team_account"),
    ],
)
def test_an_invalid_field_is_named(change: dict[str, str], field: str) -> None:
    """The error names the invalid field, so that the window can show it there."""
    with pytest.raises(InvalidConnection) as caught:
        replace(GOOD, **change).normalized()

    assert caught.value.field == field
    assert str(caught.value).endswith(".")


def test_an_unknown_colour_is_replaced() -> None:
    """An unknown colour becomes the first one and is not an error."""
    assert replace(GOOD, colour="mauve").normalized().colour == "blue"


@pytest.mark.parametrize("kind", AuthorizationKind)
def test_every_kind_has_names(kind: AuthorizationKind) -> None:
    """Every kind has a label and a name for its secret."""
    assert kind.label
    assert kind.secret_name


def test_a_team_is_a_database_and_an_account_in_it() -> None:
    """The account is forgotten with the database."""
    shared = replace(GOOD, team=" postgres://team.example/x ", team_account=" acme ").normalized()

    assert GOOD.team_address is None
    assert shared.team_address == TeamAddress("postgresql://team.example/x", "acme")
    assert replace(shared, team=" ").normalized() == GOOD

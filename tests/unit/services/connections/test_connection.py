"""What a connection can be."""

from dataclasses import replace

import pytest

from ibconsole.services.connections.connection import (
    AuthorizationKind,
    BadConnection,
    Connection,
    new_id,
)

GOOD = Connection(id=new_id(), name="Acme", base_url="https://acme.api.infobip.com")


def test_it_is_kept_in_one_spelling() -> None:
    """However it was pasted, the same connection reads the same."""
    pasted = replace(
        GOOD, name="  Acme \t Ltd ", base_url="ACME.api.infobip.com/push/", identity="x"
    )

    assert pasted.tidied() == replace(GOOD, name="Acme Ltd")


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
    ],
)
def test_what_cannot_be_is_refused_by_name(change: dict[str, str], field: str) -> None:
    """The window says it under the field, so the error has to name it."""
    with pytest.raises(BadConnection) as refused:
        replace(GOOD, **change).tidied()  # type: ignore[arg-type]  # a table of strings

    assert refused.value.field == field
    assert str(refused.value).endswith(".")


def test_an_unknown_colour_is_no_reason_to_lose_a_connection() -> None:
    """A colour is for the eye alone."""
    assert replace(GOOD, colour="mauve").tidied().colour == "blue"


@pytest.mark.parametrize("kind", AuthorizationKind)
def test_every_kind_is_called_something(kind: AuthorizationKind) -> None:
    """Forms and messages name the secret as people do."""
    assert kind.words
    assert kind.secret_name

from dataclasses import replace
from pathlib import Path

import pytest

from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.connections.account import (
    Credential,
    account_of,
    authorization_of,
    saved_account,
)
from ibconsole.services.connections.connection import AuthorizationKind, Connection, new_id

SECRET = Secret("0123456789abcdef-secret")


def test_the_same_base_url_is_the_same_connection() -> None:
    """What is received without a saved connection stays together from day to day."""
    one = account_of("https://a.api.infobip.com", Secret("x"))
    other = account_of("https://a.api.infobip.com", Secret("another key"))

    assert one.connection == other.connection
    assert account_of("https://b.api.infobip.com", Secret("x")).connection != one.connection


@pytest.mark.parametrize(
    ("credential", "label"),
    [
        (Credential(SECRET), "key 0123…"),
        (Credential(Secret("short")), "key …"),
        (Credential(SECRET, AuthorizationKind.BASIC, "anna"), "user anna"),
        (Credential(SECRET, AuthorizationKind.IBSSO), "session token"),
        (Credential(SECRET, AuthorizationKind.OAUTH2, "client-1"), "client client-1"),
    ],
)
def test_a_label_recognizes_and_does_not_reveal(credential: Credential, label: str) -> None:
    """One sees which credential it is, and cannot use what one sees."""
    assert credential.label == label
    assert SECRET.reveal() not in repr(credential)


def test_a_saved_connection_keeps_its_uuid() -> None:
    """What was received on it is found again, whatever it is called meanwhile."""
    connection = Connection(id=new_id(), name="Acme", base_url="https://acme.api.infobip.com")

    before = saved_account(connection, SECRET)
    after = saved_account(replace(connection, name="Acme 2"), SECRET)

    assert before.connection == after.connection == connection.id
    assert before.environment == "test"


@pytest.mark.parametrize("kind", AuthorizationKind)
def test_every_kind_can_be_sent(kind: AuthorizationKind, tmp_path: Path) -> None:
    """No kind that one can choose is without a way to say who one is."""
    authorization = authorization_of("https://a.api.infobip.com", Credential(SECRET, kind, "anna"))

    assert hasattr(authorization, "header")


def test_what_cannot_be_sent_is_refused_at_once() -> None:
    """A key with a line break in it would be two headers."""
    with pytest.raises(UserError):
        authorization_of("https://a.api.infobip.com", Credential(Secret("a\nb")))

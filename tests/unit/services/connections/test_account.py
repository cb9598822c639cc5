"""Accounts: connections together with their credentials."""

import pytest
from msgspec.structs import replace

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
    """An account without a saved connection has the same UUID in every session."""
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
def test_a_label_identifies_and_does_not_reveal(credential: Credential, label: str) -> None:
    """The label identifies a credential and cannot be used in its place."""
    assert credential.label == label
    assert SECRET.reveal() not in repr(credential)


def test_a_saved_connection_keeps_its_uuid() -> None:
    """Renaming a connection does not change the UUID of its account in the archive."""
    connection = Connection(id=new_id(), name="Acme", base_url="https://acme.api.infobip.com")

    before = saved_account(connection, SECRET)
    after = saved_account(replace(connection, name="Acme 2"), SECRET)

    assert before.connection == after.connection == connection.id
    assert before.environment == "test"


@pytest.mark.parametrize("kind", AuthorizationKind)
def test_every_kind_can_be_sent(kind: AuthorizationKind) -> None:
    """Every kind of authorization yields a header."""
    authorization = authorization_of("https://a.api.infobip.com", Credential(SECRET, kind, "anna"))

    assert hasattr(authorization, "header")


def test_a_secret_that_cannot_be_sent_is_refused() -> None:
    """A key with a line break is refused, because it would inject a header."""
    with pytest.raises(UserError):
        authorization_of("https://a.api.infobip.com", Credential(Secret("a\nb")))

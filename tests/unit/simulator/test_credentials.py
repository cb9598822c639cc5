import base64

import pytest

from ibconsole.simulator.credentials import Credentials, Right, credential_in
from ibconsole.simulator.settings import Settings

PEER = "127.0.0.1"


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(Settings())


def test_each_kind_is_accepted(credentials: Credentials) -> None:
    """A key, a user, a session and an access token may do everything."""
    pair = f"{credentials.user}:{credentials.password}".encode()
    token = credentials.give_token(credentials.client_id, credentials.client_secret, 60)

    for header in (
        f"App {credentials.api_key}",
        f"Basic {base64.b64encode(pair).decode()}",
        f"IBSSO {credentials.session_token}",
        f"Bearer {token}",
    ):
        assert credentials.right(header, PEER) is Right.EVERYTHING
    assert credentials.right(f"App {credentials.pull_only_key}", PEER) is Right.PULL


def test_what_is_refused(credentials: Credentials) -> None:
    """Nothing, the wrong scheme, and keys that have expired, are disabled or bound elsewhere."""
    for header in (
        "",
        "App",
        f"Bearer {credentials.api_key}",
        f"App {credentials.expired_key}",
        f"App {credentials.disabled_key}",
        f"App {credentials.bound_key}",
        "Basic rubbish",
        "Bearer ",
    ):
        assert credentials.right(header, PEER) is None
    assert credentials.right(f"App {credentials.bound_key}", Credentials.BOUND_TO)


def test_tokens_end() -> None:
    """By their time, or because they were revoked; a session can end, too."""
    now = 0.0
    credentials = Credentials(Settings(), now=lambda: now)
    client = (credentials.client_id, credentials.client_secret)
    token = f"Bearer {credentials.give_token(*client, 60)}"
    assert credentials.right(token, PEER)
    now = 61.0
    assert credentials.right(token, PEER) is None

    token = f"Bearer {credentials.give_token(*client, 60)}"
    credentials.revoke_tokens()
    credentials.end_session()

    assert credentials.right(token, PEER) is None
    assert credentials.right(f"IBSSO {credentials.session_token}", PEER) is None
    assert credentials.give_token(client[0], "wrong", 60) == ""
    assert credentials.tokens_given == 2


def test_the_credentials_of_the_settings() -> None:
    """A seed gives the same ones each time; named ones are taken as they are."""
    assert Credentials(Settings()).password == Credentials(Settings()).password
    named = Credentials(Settings(user="u", client_id="c"))
    assert (named.user, named.client_id) == ("u", "c")


def test_what_a_header_holds() -> None:
    """Behind its scheme, and decoded if it is Basic."""
    assert credential_in("App key") == "key"
    assert credential_in(f"Basic {base64.b64encode(b'u:p').decode()}") == "u:p"
    assert credential_in("") == ""

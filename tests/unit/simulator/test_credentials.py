import base64
import json
from urllib.parse import urlencode

import pytest

from ibconsole.http1.message import Request
from ibconsole.simulator.credentials import (
    TOKEN_PATH,
    Credentials,
    RateLimiter,
    Scope,
    answer_token_request,
    extract_credential,
)
from ibconsole.simulator.settings import SimulatorSettings

FORM = b"application/x-www-form-urlencoded"
PEER = "127.0.0.1"


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(SimulatorSettings())


def token_request(fields: dict[str, str], content_type: bytes = FORM) -> Request:
    return Request(
        method="POST",
        target=TOKEN_PATH,
        headers=((b"Content-Type", content_type),),
        body=urlencode(fields).encode(),
        peer=PEER,
        version="1.1",
        raw=b"",
    )


def token_form(credentials: Credentials) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
    }


def test_a_client_gets_an_access_token(credentials: Credentials) -> None:
    """The token is accepted, and the answer says how long it is valid."""
    issued = json.loads(
        answer_token_request(credentials, 600.0, token_request(token_form(credentials))).body
    )

    assert (issued["token_type"], issued["expires_in"]) == ("Bearer", 600)
    assert credentials.authorize(f"Bearer {issued['access_token']}", PEER)


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_an_invalid_form_is_refused_with_an_oauth_error(
    credentials: Credentials, change: dict[str, str], status: int, error: str
) -> None:
    """The answer has the OAuth2 error code and the fitting status."""
    refused = answer_token_request(
        credentials, 600.0, token_request({**token_form(credentials), **change})
    )

    assert (refused.status, json.loads(refused.body)["error"]) == (status, error)


def test_a_body_that_is_not_a_form_is_refused(credentials: Credentials) -> None:
    """A JSON body is refused, because OAuth2 requires a form."""
    refused = answer_token_request(
        credentials, 600.0, token_request(token_form(credentials), b"application/json")
    )

    assert refused.status == 400


class FakeTime:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_ten_calls_are_admitted_in_any_second() -> None:
    """The eleventh call is refused until the first is a second old; refused ones do not count."""
    clock = FakeTime()
    limiter = RateLimiter(clock=clock)
    assert [limiter.admit() for _ in range(12)] == [True] * 10 + [False] * 2

    clock.now = 0.99
    assert not limiter.admit()
    clock.now = 1.0
    assert [limiter.admit() for _ in range(11)] == [True] * 10 + [False]


def test_each_kind_is_accepted(credentials: Credentials) -> None:
    """A key, a user, a session and an access token have full access; a pull key can pull only."""
    pair = f"{credentials.user}:{credentials.password}".encode()
    token = credentials.issue_token(credentials.client_id, credentials.client_secret, 60)

    for header in (
        f"App {credentials.api_key}",
        f"Basic {base64.b64encode(pair).decode()}",
        f"IBSSO {credentials.session_token}",
        f"Bearer {token}",
    ):
        assert credentials.authorize(header, PEER) is Scope.EVERYTHING
    assert credentials.authorize(f"App {credentials.pull_only_key}", PEER) is Scope.PULL


def test_invalid_credentials_are_refused(credentials: Credentials) -> None:
    """No credential, a wrong scheme, and an expired, disabled or bound key are refused alike.

    A bound key works from its address.
    """
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
        assert credentials.authorize(header, PEER) is None
    assert credentials.authorize(f"App {credentials.bound_key}", Credentials.BOUND_TO)


def test_tokens_and_sessions_end() -> None:
    """An access token expires or is revoked, and a session can be ended."""
    now = 0.0
    credentials = Credentials(SimulatorSettings(), now=lambda: now)
    client = (credentials.client_id, credentials.client_secret)
    token = f"Bearer {credentials.issue_token(*client, 60)}"
    assert credentials.authorize(token, PEER)
    now = 61.0
    assert credentials.authorize(token, PEER) is None

    token = f"Bearer {credentials.issue_token(*client, 60)}"
    credentials.revoke_tokens()
    credentials.end_session()

    assert credentials.authorize(token, PEER) is None
    assert credentials.authorize(f"IBSSO {credentials.session_token}", PEER) is None
    assert credentials.issue_token(client[0], "wrong", 60) == ""
    assert credentials.tokens_issued == 2


def test_the_credentials_of_the_settings() -> None:
    """One seed always gives the same credentials; those in the settings are used as they are."""
    first, second = Credentials(SimulatorSettings()), Credentials(SimulatorSettings())
    assert first.password == second.password
    named = Credentials(SimulatorSettings(user="u", client_id="c"))
    assert (named.user, named.client_id) == ("u", "c")


def test_the_credential_in_a_header() -> None:
    """The credential follows the scheme, and is decoded if the scheme is Basic."""
    assert extract_credential("App key") == "key"
    assert extract_credential(f"Basic {base64.b64encode(b'u:p').decode()}") == "u:p"
    assert extract_credential("") == ""

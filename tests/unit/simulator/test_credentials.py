import json
from urllib.parse import urlencode

import pytest

from ibconsole.http1.message import Request
from ibconsole.simulator.credentials import (
    TOKEN_PATH,
    Credentials,
    RateLimiter,
    answer_token_request,
)
from ibconsole.simulator.settings import SimulatorSettings

FORM = b"application/x-www-form-urlencoded"


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(SimulatorSettings())


def token_request(fields: dict[str, str], content_type: bytes = FORM) -> Request:
    return Request(
        method="POST",
        target=TOKEN_PATH,
        headers=((b"Content-Type", content_type),),
        body=urlencode(fields).encode(),
        peer="127.0.0.1",
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
    assert credentials.authorize(f"Bearer {issued['access_token']}", "127.0.0.1")


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


def test_expired_disabled_and_bound_keys_are_refused(credentials: Credentials) -> None:
    """Keys that the platform no longer accepts are refused; a bound key works from its address."""
    refused = (credentials.expired_key, credentials.disabled_key, credentials.bound_key)

    assert [credentials.authorize(f"App {key}", "127.0.0.1") for key in refused] == [None] * 3
    assert credentials.authorize(f"App {credentials.bound_key}", credentials.BOUND_TO)

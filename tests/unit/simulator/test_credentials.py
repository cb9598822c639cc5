import json
from urllib.parse import urlencode

import pytest

from ibconsole.http1.message import Request
from ibconsole.simulator.credentials import PATH, Credentials, answer
from ibconsole.simulator.settings import SimulatorSettings

FORM = b"application/x-www-form-urlencoded"


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(SimulatorSettings())


def asked(fields: dict[str, str], kind: bytes = FORM) -> Request:
    return Request(
        method="POST",
        target=PATH,
        headers=((b"Content-Type", kind),),
        body=urlencode(fields).encode(),
        peer="127.0.0.1",
        version="1.1",
        raw=b"",
    )


def form(credentials: Credentials) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
    }


def test_a_token(credentials: Credentials) -> None:
    """A client gets a token that is accepted, and is told how long it lives."""
    given = json.loads(answer(credentials, 600.0, asked(form(credentials))).body)

    assert (given["token_type"], given["expires_in"]) == ("Bearer", 600)
    assert credentials.right(f"Bearer {given['access_token']}", "127.0.0.1")


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_what_is_wrong_with_a_form(
    credentials: Credentials, change: dict[str, str], status: int, error: str
) -> None:
    """OAuth's word for it, in the platform's envelope."""
    refused = answer(credentials, 600.0, asked({**form(credentials), **change}))

    assert (refused.status, json.loads(refused.body)["error"]) == (status, error)


def test_what_is_no_form(credentials: Credentials) -> None:
    """JSON is no form."""
    refused = answer(credentials, 600.0, asked(form(credentials), b"application/json"))

    assert refused.status == 400

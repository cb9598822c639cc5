"""Credentials and the header values made of them."""

import pytest

from ibconsole.api.authorization import ApiKey, SessionToken
from ibconsole.api.errors import BadCredential
from ibconsole.secret import Secret


@pytest.mark.parametrize(
    "pasted",
    ["k3y-1", "  k3y-1\n", "App k3y-1", "app  k3y-1 ", "'App k3y-1'", "Bearer k3y-1", '"k3y-1"'],
)
async def test_api_key(pasted: str) -> None:
    """A key is sent as `App <key>`, however it was pasted."""
    assert (await ApiKey(Secret(pasted)).header()).reveal() == "App k3y-1"


async def test_session_token() -> None:
    """The header's line around a token is removed."""
    token = SessionToken(Secret("“Authorization: IBSSO k3y-1”"))
    assert (await token.header()).reveal() == "IBSSO k3y-1"


@pytest.mark.parametrize("pasted", ["Bearer eyJhbGci.eyJzdWIi.c2ln", "Basic dTpw", "IBSSO x"])
def test_other_kinds_of_credential(pasted: str) -> None:
    """A credential of another kind is not sent as a key."""
    with pytest.raises(BadCredential, match="not the API key"):
        ApiKey(Secret(pasted))


@pytest.mark.parametrize("pasted", ["", "  ", "App ", "a b", "a\r\nb", "schlüssel", "a\x00b"])
def test_unusable_key(pasted: str) -> None:
    """A key that cannot be sent in a header is refused, and not repeated in the message."""
    with pytest.raises(BadCredential) as caught:
        ApiKey(Secret(pasted))

    assert not pasted.strip() or pasted.strip() not in str(caught.value)


def test_representation_of_a_key() -> None:
    """The representation of a credential does not contain it."""
    assert "k3y-1" not in repr(vars(ApiKey(Secret("k3y-1"))))

"""A credential becomes the value of a header."""

import pytest

from ibconsole.api.authorization import ApiKey
from ibconsole.api.errors import BadCredential
from ibconsole.secret import Secret


@pytest.mark.parametrize("pasted", ["k3y-1", "  k3y-1\n", "App k3y-1", "app  k3y-1 "])
async def test_an_api_key(pasted: str) -> None:
    """A key is sent as `App <key>`, however it was pasted."""
    assert (await ApiKey(Secret(pasted)).header()).reveal() == "App k3y-1"


@pytest.mark.parametrize("pasted", ["", "  ", "App ", "a b", "a\r\nb", "schlüssel", "a\x00b"])
def test_no_key_at_all(pasted: str) -> None:
    """What no header can carry is refused, and not repeated."""
    with pytest.raises(BadCredential) as caught:
        ApiKey(Secret(pasted))

    assert not pasted.strip() or pasted.strip() not in str(caught.value)


def test_a_key_does_not_show_itself() -> None:
    """Printing a credential shows nothing of it."""
    assert "k3y-1" not in repr(vars(ApiKey(Secret("k3y-1"))))

"""The kinds of credential that the platform accepts (platform.md §6), as far as we send them."""

import re
from typing import Protocol

from ibconsole.api.errors import BadCredential
from ibconsole.secret import Secret

_SCHEME = re.compile(r"^app(\s+|$)", re.IGNORECASE)
# What a header can carry without being taken for two.
_VISIBLE = re.compile(r"[!-~]+")


class Authorization(Protocol):
    """Whatever can say what the `Authorization` header holds, for each request anew."""

    async def header(self) -> Secret:
        """The whole value, scheme included; raises ApiError if there is none to be had."""
        ...


class ApiKey:
    """An API key, sent as `App <key>`.

    Blanks around a pasted key and a pasted `App ` in front of it are taken off. Raises
    BadCredential for what cannot be a key.
    """

    def __init__(self, key: Secret) -> None:
        text = _SCHEME.sub("", key.reveal().strip())
        if not text:
            raise BadCredential("The API key is empty; enter the key of your account.")
        if not _VISIBLE.fullmatch(text):
            raise BadCredential(
                "The API key holds blanks or characters that no key has; copy it once more."
            )
        self._header = Secret(f"App {text}")

    async def header(self) -> Secret:
        """The value of `Authorization`."""
        return self._header

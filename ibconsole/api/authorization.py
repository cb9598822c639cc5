"""The kinds of credential that the platform accepts (platform.md §6), and their headers.

The fourth kind, which has to ask the platform for its token first, is in `oauth`.
"""

import re
import unicodedata
from base64 import b64encode
from typing import Protocol

from ibconsole.api import auth_causes as causes
from ibconsole.api.errors import BadCredential
from ibconsole.secret import Secret

# What a header can carry without being taken for two.
_VISIBLE = re.compile(r"[!-~]+")
_HEADER_NAME = re.compile(r"^authorization:\s*", re.IGNORECASE)
_OTHERS = {
    "app": "an API key",
    "basic": "a user name with its password",
    "ibsso": "a session token",
    "bearer": "an OAuth2 access token",
}


class Authorization(Protocol):
    """Whatever can say what the `Authorization` header holds, for each request anew."""

    async def header(self) -> Secret:
        """The whole value, scheme included; raises ApiError if there is none to be had."""
        ...

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Everything that nobody may see, for `Mask`: the header's value and what it is made of."""
        ...

    @property
    def causes(self) -> tuple[str, ...]:
        """Why the platform may answer 401; see `Unauthorized`."""
        ...

    async def renew(self, refused: Secret) -> bool:
        """Take note that a header was refused with 401; whether there is a fresh one now.

        Raises ApiError if there should be one and it could not be had.
        """
        ...


class _Fixed(Authorization):
    """A credential that stays as it is."""

    def __init__(self, scheme: str, value: str, *parts: Secret, causes: tuple[str, ...]) -> None:
        self._header = Secret(f"{scheme} {value}")
        self._secrets = (Secret(value), *parts, self._header)
        self._causes = causes

    async def header(self) -> Secret:
        """The value of `Authorization`."""
        return self._header

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The credential with and without its scheme, and what it is made of."""
        return self._secrets

    @property
    def causes(self) -> tuple[str, ...]:
        """Why the platform may answer 401."""
        return self._causes

    async def renew(self, refused: Secret) -> bool:  # noqa: ARG002 there is but one
        """Never: only its user can have another one."""
        return False


class ApiKey(_Fixed):
    """An API key, sent as `App <key>`.

    Blanks around a pasted key and a pasted `App ` in front of it are taken off. Raises
    BadCredential for what cannot be a key.
    """

    def __init__(self, key: Secret) -> None:
        text = bare(key, "App", "API key")
        super().__init__("App", text, causes=causes.API_KEY)


class SessionToken(_Fixed):
    """The token of a session that the user logged in to elsewhere, sent as `IBSSO <token>`.

    Read from what was pasted as an API key is; raises BadCredential for what cannot be one.
    """

    def __init__(self, token: Secret) -> None:
        text = bare(token, "IBSSO", "session token")
        super().__init__("IBSSO", text, causes=causes.SESSION_TOKEN)


class Basic(_Fixed):
    """A user's name and password, sent in UTF-8 (RFC 7617).

    Raises BadCredential for what cannot be sent: an empty name or password, a colon in the
    name, control characters. The password is taken as it is, blanks included.
    """

    def __init__(self, user: str, password: Secret) -> None:
        name = user.strip()
        if not name:
            raise BadCredential("The user name is empty; enter the name of your user.")
        if ":" in name:
            raise BadCredential(
                "The user name holds a colon, which Basic authorization cannot send; enter the"
                " password in its own field."
            )
        if not password.reveal():
            raise BadCredential("The password is empty; enter the password of your user.")
        refuse_unsendable(name, "user name")
        refuse_unsendable(password.reveal(), "password")
        value = b64encode(f"{name}:{password.reveal()}".encode()).decode()
        # Without its padding it is found in every spelling.
        super().__init__("Basic", value, Secret(value.rstrip("=")), password, causes=causes.BASIC)


def bare(pasted: Secret, scheme: str, name: str) -> str:
    """A key or token without what was pasted along with it.

    Raises BadCredential, which does not repeat it, if no header could carry it or if it is
    of another kind by its own words.
    """
    text = _HEADER_NAME.sub("", pasted.reveal().strip())
    begin, *rest = text.split(maxsplit=1) or [""]
    if begin.lower() == scheme.lower():
        text = "".join(rest)
    elif begin.lower() in _OTHERS and rest:
        raise BadCredential(
            f"This is not the {name}: it begins as {_OTHERS[begin.lower()]} does. Choose that kind"
            " of authorization, or enter another one."
        )
    if not text:
        raise BadCredential(f"The {name} is empty; enter the {name} of your account.")
    if not _VISIBLE.fullmatch(text):
        raise BadCredential(
            f"The {name} holds blanks or characters that no {name} has; copy it once more."
        )
    return text


def refuse_unsendable(text: str, name: str) -> None:
    """Raise BadCredential for control and half characters, which nobody types."""
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        raise BadCredential(
            f"The {name} holds a line break or another character that cannot be sent; copy it"
            " once more."
        )

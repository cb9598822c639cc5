"""The kinds of credential that the platform accepts (platform.md §6), and their headers.

The fourth kind, which first requests a token from the platform, is in `oauth`.
"""

import re
import unicodedata
from base64 import b64encode
from typing import Protocol

from ibconsole.api import auth_causes
from ibconsole.api.errors import BadCredential
from ibconsole.pasted import clean_key
from ibconsole.secret import Secret

# Characters that cannot end a header or divide its value.
_VISIBLE = re.compile(r"[!-~]+")
# Not a JSON Web Token, which begins with the base64 of "{".
_KEY_AS_TOKEN = re.compile(r"bearer\s+(?!eyJ|\S+\.\S+\.)", re.IGNORECASE)
_KIND_BY_SCHEME = {
    "app": "an API key",
    "basic": "a user name with its password",
    "ibsso": "a session token",
    "bearer": "an OAuth2 access token",
}


class Authorization(Protocol):
    """A source of the `Authorization` header, asked before each request."""

    async def header(self) -> Secret:
        """Return the complete value with its scheme; raises ApiError if none can be obtained."""
        ...

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Everything that `Mask` has to mask: the header's value and its parts."""
        ...

    @property
    def auth_causes(self) -> tuple[str, ...]:
        """The possible causes of a 401; see `Unauthorized`."""
        ...

    async def renew(self, refused: Secret) -> bool:
        """Replace a header that was refused with 401; return whether there is a new one.

        Raises ApiError if a new one could not be obtained.
        """
        ...


class _StaticAuthorization(Authorization):
    """A credential that does not change."""

    def __init__(
        self, scheme: str, value: str, *parts: Secret, auth_causes: tuple[str, ...]
    ) -> None:
        self._header = Secret(f"{scheme} {value}")
        self._secrets = (Secret(value), *parts, self._header)
        self._auth_causes = auth_causes

    async def header(self) -> Secret:
        """Return the value of `Authorization`."""
        return self._header

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The credential with and without its scheme, and its parts."""
        return self._secrets

    @property
    def auth_causes(self) -> tuple[str, ...]:
        """The possible causes of a 401."""
        return self._auth_causes

    async def renew(self, refused: Secret) -> bool:  # noqa: ARG002  # the protocol's signature
        """Return false: only the user can enter another credential."""
        return False


class ApiKey(_StaticAuthorization):
    """An API key, sent as `App <key>`.

    What was pasted with the key is removed; see `clean_api_key`. Raises BadCredential for a
    text that cannot be a key.
    """

    def __init__(self, key: Secret) -> None:
        text = clean_api_key(key)
        super().__init__("App", text, auth_causes=auth_causes.API_KEY)


class SessionToken(_StaticAuthorization):
    """The token of a session opened elsewhere, sent as `IBSSO <token>`.

    A pasted token is cleaned as an API key is; raises BadCredential for a text that cannot be
    a token.
    """

    def __init__(self, token: Secret) -> None:
        text = clean_credential(token, "IBSSO", "session token")
        super().__init__("IBSSO", text, auth_causes=auth_causes.SESSION_TOKEN)


class Basic(_StaticAuthorization):
    """A user's name and password, sent in UTF-8 (RFC 7617).

    Raises BadCredential for an empty name or password, a colon in the name, and control
    characters. The password is used unchanged, including spaces.
    """

    def __init__(self, user: str, password: Secret) -> None:
        name = user.strip()
        if not name:
            raise BadCredential("The user name is empty; enter the name of your user.")
        if ":" in name:
            raise BadCredential(
                "The user name contains a colon, which Basic authorization cannot send; enter the"
                " password in its own field."
            )
        if not password.reveal():
            raise BadCredential("The password is empty; enter the password of your user.")
        require_sendable(name, "user name")
        require_sendable(password.reveal(), "password")
        value = b64encode(f"{name}:{password.reveal()}".encode()).decode()
        # Masked without its padding too, which is encoded in different ways.
        super().__init__(
            "Basic", value, Secret(value.rstrip("=")), password, auth_causes=auth_causes.BASIC
        )


def clean_api_key(pasted: Secret) -> str:
    """Return a pasted API key as `clean_credential` does, without a `Bearer ` as well.

    Many tools put that in front of every key. An access token (RFC 9068) is refused, as it is
    of another kind. Raises BadCredential.
    """
    text = clean_key(pasted.reveal(), "App")
    if _KEY_AS_TOKEN.match(text):
        text = clean_key(text, "Bearer")
    return clean_credential(Secret(text), "App", "API key")


def clean_credential(pasted: Secret, scheme: str, name: str) -> str:
    """Return a pasted key or token without header, caption, scheme, and what is around it.

    Raises BadCredential, which does not repeat the text, if it cannot be sent in a header or
    begins with the scheme of another kind of credential.
    """
    text = clean_key(pasted.reveal(), scheme)
    begin, *rest = text.split(maxsplit=1) or [""]
    if begin.lower() == scheme.lower():
        text = ""
    elif begin.lower() in _KIND_BY_SCHEME and rest:
        raise BadCredential(
            f"This is not the {name}: it begins as {_KIND_BY_SCHEME[begin.lower()]} does. Choose"
            " that kind of authorization, or enter another one."
        )
    if not text:
        raise BadCredential(f"The {name} is empty; enter the {name} of your account.")
    if not _VISIBLE.fullmatch(text):
        raise BadCredential(
            f"The {name} contains spaces or characters that no {name} has; copy it once more."
        )
    return text


def require_sendable(text: str, name: str) -> None:
    """Raise BadCredential for control characters and surrogates, which cannot be typed."""
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        raise BadCredential(
            f"The {name} contains a line break or another character that cannot be sent; copy it"
            " once more."
        )

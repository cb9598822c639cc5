"""The parts of a pasted request, its credential apart from all others."""

from base64 import b64decode
from binascii import Error as Base64Error
from urllib.parse import urlsplit, urlunsplit

from ibconsole.secret import MASK, Secret
from ibconsole.services.pasting.values import PastedRequest
from ibconsole.services.request_log import is_secret_header, redact_url

_SCHEMES = {"app": "App", "basic": "Basic", "bearer": "Bearer", "ibsso": "IBSSO"}


class RequestDraft:
    """Collects the parts of a request; a credential never gets among its headers or into its URL.

    A placeholder, as a shell variable or a mask, is no credential.
    """

    def __init__(self) -> None:
        self._headers: list[tuple[str, str]] = []
        self._secret: Secret | None = None
        self._scheme = self._identity = ""
        self._left_out: list[str] = []
        self._remarks: list[str] = []

    def add_header(self, name: str, value: str) -> None:
        """Add a header, or take the credential out of it."""
        if name.lower() == "authorization":
            self._take_authorization(value)
        elif is_secret_header(name):
            self._left_out.append(name)
        else:
            self._headers.append((name, value))

    def add_default(self, name: str, value: str) -> None:
        """Add a header unless there is one of this name."""
        if all(known.lower() != name.lower() for known, _ in self._headers):
            self._headers.append((name, value))

    def add_user(self, user: str) -> None:
        """Take a user name and a password, with a colon between them."""
        self._identity, _, password = user.partition(":")
        self._take("Basic", password)

    def remark(self, sentence: str) -> None:
        """Add a sentence on what is not in the request, once."""
        if sentence not in self._remarks:
            self._remarks.append(sentence)

    def request(self, method: str, url: str, body: bytes) -> PastedRequest:
        """Return the request."""
        if self._left_out:
            names = ", ".join(dict.fromkeys(self._left_out))
            self.remark(f"Left out, because they carry credentials: {names}.")
        return PastedRequest(
            method.upper()[:40],
            self._without_user(url),
            tuple(self._headers),
            body,
            self._secret,
            self._scheme,
            self._identity,
            tuple(self._remarks),
        )

    def _take_authorization(self, value: str) -> None:
        begin, _, rest = value.strip().partition(" ")
        scheme = _SCHEMES.get(begin.lower(), "")
        if not scheme:
            self._left_out.append("Authorization")
            return
        if scheme == "Basic":
            self.add_user(_decoded(rest))
        else:
            self._take(scheme, rest.strip())

    def _take(self, scheme: str, secret: str) -> None:
        self._scheme = scheme
        if secret and not secret.startswith(("$", "%", "{", "<")) and MASK[0] not in secret:
            self._secret = Secret(secret)

    def _without_user(self, url: str) -> str:
        """Take user and password out of a URL."""
        try:
            parts = urlsplit(url)
            user, at, host = parts.netloc.rpartition("@")
        except ValueError:
            return redact_url(url)
        if not at:
            return url
        self.add_user(user)
        return urlunsplit(parts._replace(netloc=host))


def _decoded(text: str) -> str:
    try:
        return b64decode(text.strip(), validate=True).decode()
    except (Base64Error, ValueError):
        return ""

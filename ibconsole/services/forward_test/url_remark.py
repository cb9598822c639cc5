"""Remarks on a forward URL, the circumstances in which it is judged, and its secrets masked."""

import re
from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

import msgspec

from ibconsole.errors import Severity
from ibconsole.secret import MASK
from ibconsole.services.forward_test.records import masked_url

_SECRET_NAME = re.compile(
    r"(?:^|[_.-])(?:token|secret|password|passwd|pwd|api[_-]?key|apikey|key|auth|signature|sig"
    r"|access[_-]?token|credential|jwt|bearer)$",
    re.IGNORECASE,
)


class UrlFault(StrEnum):
    """The kinds of remarks. The values are stable: findings refer to them."""

    NONE = ""
    SYNTAX = "syntax"
    SPACE = "space"
    PLAIN_HTTP = "plain http"
    USER_INFO = "user info"
    TOKEN = "token"  # noqa: S105 the name of a kind
    LOOPBACK = "loopback"
    PRIVATE = "private"
    LINK_LOCAL = "link-local"
    METADATA = "metadata"
    SHARED = "shared"
    RESERVED = "reserved"
    LOCAL_NAME = "local name"
    ADDRESS = "address"
    PORT = "port"
    SCHEME_PORT = "scheme and port"
    FRAGMENT = "fragment"
    HOMOGLYPH = "homoglyph"
    LOOKALIKE = "lookalike"
    NOT_ASCII = "not ascii"
    LENGTH = "length"
    TUNNEL = "tunnel"
    PUBLIC_BIN = "public bin"
    STAGING = "staging"
    TYPING = "typing"
    HOST_SPELLING = "host spelling"
    NO_PATH = "no path"
    SANDBOX = "sandbox"
    DUPLICATE = "duplicate"


# A host with one of these is reached by nothing in the internet, or not by the sandbox.
HOST_FAULTS = frozenset(
    {
        UrlFault.LOOPBACK,
        UrlFault.PRIVATE,
        UrlFault.LINK_LOCAL,
        UrlFault.METADATA,
        UrlFault.SHARED,
        UrlFault.RESERVED,
        UrlFault.LOCAL_NAME,
        UrlFault.SANDBOX,
    }
)


class UrlRemark(msgspec.Struct, frozen=True):
    """One remark on a URL; `severity` is None if there is nothing to say.

    A URL is not `usable` with a mistake in it (severity DANGER), nor while nothing is typed
    (no severity). `correction` is the URL without the mistake, empty if it is not obvious.
    """

    severity: Severity | None = None
    sentence: str = ""
    usable: bool = True
    correction: str = ""
    fault: UrlFault = UrlFault.NONE


class UrlContext(msgspec.Struct, frozen=True):
    """The circumstances in which a URL is judged.

    The `sandbox` runs on this computer and forwards to nowhere else. `same_configuration`
    are the forward URLs of the configuration in question, `other_configurations` those of
    the account's others. `production` is true if the account is known to be in productive use.
    """

    sandbox: bool = False
    production: bool = False
    same_configuration: Sequence[str] = ()
    other_configurations: Sequence[str] = ()


def mistake(sentence: str, correction: str = "", fault: UrlFault = UrlFault.SYNTAX) -> UrlRemark:
    """Return a remark on a mistake that prevents any request."""
    return UrlRemark(Severity.DANGER, sentence, usable=False, correction=correction, fault=fault)


def warning(fault: UrlFault, sentence: str, correction: str = "") -> UrlRemark:
    """Return a warning: the URL can be used."""
    return UrlRemark(Severity.WARNING, sentence, correction=correction, fault=fault)


def note(fault: UrlFault, sentence: str) -> UrlRemark:
    """Return a piece of advice."""
    return UrlRemark(Severity.INFO, sentence, fault=fault)


def secret_names(query: str) -> list[str]:
    """Return the names of a query's parameters that are likely to be secrets and have a value."""
    return [name for name, value in parse_qsl(query) if value and _SECRET_NAME.search(name)]


def shown_url(url: str) -> str:
    """Mask the log-in in a URL and the secrets in its query; a URL that is not valid stays."""
    masked = masked_url(url)
    try:
        parts = urlsplit(masked)
    except ValueError:
        return masked
    if not secret_names(parts.query):
        return masked
    pieces = [
        f"{piece.partition('=')[0]}={MASK}" if secret_names(piece) else piece
        for piece in parts.query.split("&")
    ]
    return parts._replace(query="&".join(pieces)).geturl()


def cut_url(url: str) -> str:
    """Leave out the path after its first part, the query and the log-in of a URL.

    The path alone may keep unknown senders out (platform.md §5). Of a URL that is not valid only
    the beginning is left.
    """
    try:
        parts = urlsplit(masked_url(url))
    except ValueError:
        return f"{url[:16]}…"
    first, _, rest = parts.path.lstrip("/").partition("/")
    path = parts.path
    if path.strip("/") or parts.query:
        path = f"/{first}/…" if rest else "/…"
    return parts._replace(path=path, query="", fragment="").geturl()

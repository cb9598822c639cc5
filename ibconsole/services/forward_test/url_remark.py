"""Remarks on a forward URL: their kinds, and the circumstances in which a URL is judged."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from ibconsole.errors import Severity


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

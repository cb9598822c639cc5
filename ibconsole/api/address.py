"""Base URLs, normalized from the forms in which users paste them (platform.md §6)."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from ibconsole.api.errors import BadBaseUrl
from ibconsole.hosts import is_certainly_loopback
from ibconsole.lazy import lazy_pattern
from ibconsole.pasted import clean_value

SHARED_HOST = "api.infobip.com"
_EXAMPLE = "It looks like https://xxxxx.api.infobip.com, with your own characters for xxxxx."
_WHERE = (
    "The base URL of your account is shown in the portal, next to your API keys"
    f" and on the start page for developers. {_EXAMPLE}"
)
_SCHEME = lazy_pattern(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
# "Base URL: https://…", "INFOBIP_BASE_URL=…", "baseUrl": "…", as in settings files and mails.
_CAPTION = lazy_pattern(
    r"[a-z _-]{0,40}(?<![a-z])(url|uri|address|host|endpoint|domain)[\"']?\s*[:=]\s*(?=\S)"
    r"|[a-z_-]{0,40}base(url|uri)[\"']?\s*[:=]\s*(?=\S)",
    re.IGNORECASE,
)
# A repeated scheme, or one with missing slashes: "https:x.y", "https://https://x.y".
_SLIPS = lazy_pattern(
    r"(?:https?://)*(https?)(?::/{0,2}|//)(?=[^/:]*[.:\[]|localhost)", re.IGNORECASE
)
# Only these are repeated in messages: another word before :// may be part of a secret.
_KNOWN_SCHEMES = {"ftp", "ftps", "sftp", "ssh", "ws", "wss", "file", "tcp", "ldap", "smtp", "git"}
_LABEL = lazy_pattern(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_WEBSITES = lazy_pattern(
    r"(([a-z0-9-]+\.)*(www|dev|docs|developers?|login|accounts?|signup|status|support|academy"
    r"|partners?|[a-z0-9-]*portal[a-z0-9-]*)\.)?infobip\.com"
)
_DEFAULT_PORTS = {"https": 443, "http": 80}


def normalize_base_url(text: str) -> str:
    """Return the normal form of a base URL: scheme, host in lower case, non-default port.

    A missing scheme is https; path and query are dropped. Raises BadBaseUrl, with an
    explanation, for everything that a credential must not be sent to: plain http except to
    this computer, user names, other schemes, and names that cannot be a platform's. The
    message never repeats the text: users paste keys into the wrong field.
    """
    pasted = clean_value(_CAPTION.sub("", clean_value(text), count=1))
    if not pasted:
        raise BadBaseUrl(f"Enter the base URL of your account. {_EXAMPLE}")
    if any(letter.isspace() or not letter.isprintable() for letter in pasted) or "\\" in pasted:
        raise BadBaseUrl(f"A base URL contains no spaces or backslashes. {_EXAMPLE}")
    pasted = _SLIPS.sub(r"\1://", pasted, count=1)
    scheme = _SCHEME.match(pasted)
    parts = _split(pasted if scheme else f"https://{pasted.removeprefix('//')}")
    _refuse_scheme(parts.scheme)
    if "@" in parts.netloc:
        raise BadBaseUrl(
            "A base URL contains no user name or password; enter the credential in its own field."
        )
    host = _host(parts)
    if parts.scheme == "http" and not is_certainly_loopback(host):
        raise BadBaseUrl(
            "Plain http would show your credential to the whole network: use https."
            " Only this computer itself (localhost) may be reached by http."
        )
    port = _port(parts)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def is_shared_base_url(base_url: str) -> bool:
    """Return whether many accounts have this base URL (platform.md §2: the old one)."""
    return urlsplit(base_url).hostname == SHARED_HOST


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise BadBaseUrl(f"This is not a URL. {_EXAMPLE}") from None


def _refuse_scheme(scheme: str) -> None:
    if scheme in _DEFAULT_PORTS:
        return
    named = f"{scheme}://" if scheme in _KNOWN_SCHEMES else "something else"
    raise BadBaseUrl(f"A base URL begins with https://, this one with {named}. {_EXAMPLE}")


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if not host:
        raise BadBaseUrl(f"The base URL names no host. {_EXAMPLE}")
    if address := _address(host):
        return str(address)
    _refuse_name(host)
    return host


def _refuse_name(host: str) -> None:
    labels = host.split(".")
    if not host.isascii():
        raise BadBaseUrl(
            "The host name contains letters that no base URL of the platform has; some letters"
            f" look like others. Type it instead of copying it. {_EXAMPLE}"
        )
    if _WEBSITES.fullmatch(host):
        raise BadBaseUrl(f"{host} is a web site for people, not for programs. {_WHERE}")
    if not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit() or len(host) > 253:
        raise BadBaseUrl(f"The base URL contains no valid host name. {_EXAMPLE}")
    if len(labels) == 1 and host != "localhost":
        # An API key in the wrong field looks like this, and must not be sent to a name server.
        raise BadBaseUrl(f"The host name has no dot. {_EXAMPLE}")


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise BadBaseUrl("The port after the colon must be a number from 1 to 65535.")
    return None if port == _DEFAULT_PORTS[parts.scheme] else port


def _address(host: str) -> IPv4Address | IPv6Address | None:
    # A zone (fe80::1%eth0) names an interface of this computer, so it is not an address of a host.
    if "%" in host:
        return None
    try:
        return ip_address(host)
    except ValueError:
        return None

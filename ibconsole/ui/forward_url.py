"""Whether the platform could forward messages to a URL, while it is being typed."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

_SPACE = re.compile(r"\s")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PRIVATE_NAMES = (".local", ".internal", ".lan", ".home", ".localdomain", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be said of a URL: `kind` is empty (nothing), ok, info, warning or danger.

    With danger it cannot be used; so it is with `usable` False and nothing to be said,
    which is the case while there is no URL yet.
    """

    kind: str = ""
    sentence: str = ""
    usable: bool = True


def check(text: str, *, sandbox: bool = False) -> Finding:
    """What is most important to know of a forward URL; spaces around it do not count.

    In the sandbox the platform runs on this computer and forwards to nowhere else.
    """
    url = text.strip()
    if not url:
        return Finding(usable=False)
    if mistake := _mistake(url):
        return Finding("danger", mistake, usable=False)
    parts = urlsplit(url)
    if place := _place(parts.hostname or "", sandbox=sandbox):
        return place
    return _advice(parts)


def _mistake(url: str) -> str:
    """What keeps it from being a URL that one could post to."""
    if _UNSEEN.search(url):
        return "There is an invisible character in it: type it rather than paste it."
    if _SPACE.search(url):
        return "A URL has no spaces; write one as %20."
    return _misbuilt(url) if _SCHEME.match(url) else "Begin with https://."


def _misbuilt(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "The host or the port of this URL is not valid."
    if parts.scheme not in ("https", "http"):
        return f"The platform posts over http or https, not {parts.scheme}."
    if port == 0:
        return "Port 0 is none that a server could have."
    return "" if host else "The host is missing."


def _place(host: str, *, sandbox: bool) -> Finding | None:
    """What there is to know of where it is."""
    local = _is_loopback(host)
    if sandbox:
        if local:
            return Finding("ok", "The sandbox runs on this computer, so it reaches this address.")
        return Finding("warning", "The sandbox forwards to this computer only, not to this host.")
    if local:
        return Finding(
            "warning",
            "To the platform this is its own computer, not yours. Use a public address, such as"
            " that of a tunnel which ends here.",
        )
    if _is_private(host):
        return Finding(
            "warning",
            "This belongs to a private network, and the platform calls from the internet. Use a"
            " public address, such as that of a tunnel which ends here.",
        )
    return None


def _advice(parts: SplitResult) -> Finding:
    if parts.username is not None:
        return Finding(
            "warning",
            "Whether the platform sends a user name and password is not documented, and everybody"
            " who may list the actions can read them.",
        )
    if parts.fragment:
        return Finding("warning", "What follows # is never sent to a server.")
    if parts.scheme == "http":
        return Finding("warning", "Messages would travel unencrypted: prefer https.")
    return Finding()


def _is_loopback(host: str) -> bool:
    address = _address(host)
    if address:
        return address.is_loopback or address.is_unspecified
    return host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost")


def _is_private(host: str) -> bool:
    address = _address(host)
    if address:
        return not address.is_global
    return "." not in host.rstrip(".") or host.rstrip(".").endswith(_PRIVATE_NAMES)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None

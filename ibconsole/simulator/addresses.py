"""Which addresses are on this machine, and which URLs can be forwarded to."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

_PRINTABLE = re.compile(r"[!-~]+")


def forwardable(url: str) -> bool:
    """Whether messages could be posted to this URL: http or https, with a host."""
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        return False
    parts = _split(url)
    return parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)


def stays_here(url: str) -> bool:
    """Whether a URL leads to this machine's loopback, by its host alone.

    Unusual spellings of an address count as elsewhere: whoever resolves them might not
    agree with us.
    """
    parts = _split(url)
    return parts is not None and is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host, or the address of a peer with or without port, is loopback."""
    if host.lower() == "localhost":
        return True
    for address in (host, host.rpartition(":")[0].strip("[]")):
        try:
            return ipaddress.ip_address(address).is_loopback
        except ValueError:
            continue
    return False


def _split(url: str) -> SplitResult | None:
    """The parts of a URL; None if it is none, or its port is no port."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts

"""Whether a host is this computer, a private network's, or out in the internet.

Judged by its spelling alone: nothing is looked up.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

_PRIVATE_NAMES = (".local", ".internal", ".lan", ".home", ".localdomain", ".home.arpa")


def host_of(url: str) -> str:
    """Return the host of a URL, without its port; empty if there is none or the URL is invalid."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_surely_loopback(host: str) -> bool:
    """Whether nothing sent to this name or address can leave the computer.

    Stricter than `is_loopback`: a resolver may ask the network for `x.localhost`.
    """
    if "%" in host:  # a zone names an interface, not this computer
        return False
    address = _address(host)
    return address.is_loopback if address else host == "localhost"


def is_loopback(host: str) -> bool:
    """Whether this name or address means the computer that uses it."""
    address = _address(host)
    if address:
        return address.is_loopback or address.is_unspecified
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def is_private(host: str) -> bool:
    """Whether this name or address means something in one network only, loopback included."""
    address = _address(host)
    if address:
        return not address.is_global
    name = host.rstrip(".").lower()
    return is_loopback(host) or "." not in name or name.endswith(_PRIVATE_NAMES)


def is_open(host: str) -> bool:
    """Whether others than this computer can reach what listens on this address."""
    address = _address(host)
    if address:
        return not address.is_loopback
    return host.lower() != "localhost"


def is_address(host: str) -> bool:
    """Whether this is an IP address, as one writes it."""
    return _address(host) is not None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    # ::ffff:127.0.0.1 is 127.0.0.1, whatever Python of which version says of it.
    return getattr(address, "ipv4_mapped", None) or address

"""Classification of hosts by their spelling: this computer, a private network, the internet.

No name is looked up.
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


def is_certainly_loopback(host: str) -> bool:
    """Return whether data sent to this name or address certainly stays on this computer.

    Stricter than `is_loopback`: a resolver may query the network for `x.localhost`.
    """
    if "%" in host:  # a zone names an interface, not this computer
        return False
    address = _address(host)
    return address.is_loopback if address else host == "localhost"


def is_loopback(host: str) -> bool:
    """Return whether this name or address means the computer itself."""
    address = _address(host)
    if address:
        return address.is_loopback or address.is_unspecified
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def is_private(host: str) -> bool:
    """Return whether this name or address is only valid inside one network; includes loopback."""
    address = _address(host)
    if address:
        return not address.is_global
    name = host.rstrip(".").lower()
    return is_loopback(host) or "." not in name or name.endswith(_PRIVATE_NAMES)


def is_exposed(host: str) -> bool:
    """Return whether other computers can reach a server that listens on this address."""
    address = _address(host)
    if address:
        return not address.is_loopback
    return host.lower() != "localhost"


def is_address(host: str) -> bool:
    """Return whether this is an IP address in its usual notation."""
    return _address(host) is not None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    # Python versions differ in whether ::ffff:127.0.0.1 is loopback; the mapped address decides.
    return getattr(address, "ipv4_mapped", None) or address

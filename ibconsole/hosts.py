"""Classification of hosts by their spelling: this computer, a private network, the internet.

No name is looked up.
"""

from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

# The addresses at which clouds give their machines data and credentials.
_METADATA = {
    "169.254.169.254",
    "169.254.170.2",
    "fd00:ec2::254",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
}
_METADATA_NAMES = ("metadata.google.internal", "metadata.goog", "instance-data.ec2.internal")
_SHARED = ip_network("100.64.0.0/10")  # RFC 6598: carrier-grade NAT
_NAT64 = ip_network("64:ff9b::/96")
_UNIQUE_LOCAL = ip_network("fc00::/7")
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_PRIVATE_NAMES = (".local", ".internal", ".lan", ".home", ".localdomain", ".home.arpa")


class Network(StrEnum):
    """The network that a host belongs to, as its spelling shows."""

    PUBLIC = "public"
    LOOPBACK = "loopback"
    METADATA = "cloud metadata"
    LINK_LOCAL = "link-local"
    SHARED = "shared (carrier-grade NAT)"
    PRIVATE = "private"
    LOCAL_NAME = "local name"  # a name that only one network knows
    RESERVED = "reserved"  # documentation, multicast and other ranges that reach no server


def network_of(host: str) -> Network:
    """Return the network of this name or address; a name is public unless its ending is local."""
    address = _address(host)
    if address:
        return _network_of_address(_embedded(address) or address)
    name = host.rstrip(".").lower()
    if name in _METADATA_NAMES:
        return Network.METADATA
    if is_loopback(host):
        return Network.LOOPBACK
    return Network.LOCAL_NAME if is_private(host) else Network.PUBLIC


def _network_of_address(address: IPv4Address | IPv6Address) -> Network:
    if address.is_loopback or address.is_unspecified:
        return Network.LOOPBACK
    if str(address) in _METADATA:
        return Network.METADATA
    if address.is_link_local:
        return Network.LINK_LOCAL
    if address in _SHARED:
        return Network.SHARED
    if any(address in network for network in (*_PRIVATE, _UNIQUE_LOCAL)):
        return Network.PRIVATE
    is_usable = address.is_global and not address.is_multicast
    return Network.PUBLIC if is_usable else Network.RESERVED


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that is reached through a translated or tunnelled one."""
    if not isinstance(address, IPv6Address):
        return None
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else address.sixtofour


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


@lru_cache(maxsize=1024)
def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    # Python versions differ in whether ::ffff:127.0.0.1 is loopback; the mapped address decides.
    return getattr(address, "ipv4_mapped", None) or address

"""The editions of the platform's published source networks (platform.md §5 and §9)."""

import tomllib
from functools import cache
from ipaddress import IPv4Network, ip_address

import msgspec

from ibconsole.resource_files import read_resource


class Edition(msgspec.Struct, frozen=True):
    """One edition of the list; `read` is the ISO date on which it was read from `source`."""

    name: str
    read: str
    source: str
    networks: tuple[IPv4Network, ...]

    @property
    def size(self) -> int:
        """The number of addresses in all networks."""
        return sum(network.num_addresses for network in self.networks)


@cache
def editions() -> tuple[Edition, ...]:
    """Return all editions, the newest first."""
    document = tomllib.loads(read_resource("source-networks.toml").decode())
    return tuple(
        Edition(
            name=table["name"],
            read=table["read"].isoformat(),
            source=table["source"],
            networks=tuple(IPv4Network(network) for network in table["networks"]),
        )
        for table in document["edition"]
    )


def is_published(address: str) -> bool | None:
    """Return whether an IP address is in the newest edition; None for what is no address.

    An address outside it is unusual, not forged: the platform also calls from public clouds.
    """
    try:
        there = ip_address(address)
    except ValueError:
        return None
    there = getattr(there, "ipv4_mapped", None) or there
    return any(there in network for network in editions()[0].networks)

"""The addresses of a host, as the system's resolver knows them.

The system's resolver decides what this computer reaches, so it is the only one that is asked; of
a chain of aliases it names the end.
"""

import asyncio
import socket
import time
from collections.abc import Sequence
from typing import Protocol

import msgspec

from ibconsole.hosts import is_address
from ibconsole.http1 import Address
from ibconsole.services.forward_test.rungs import Cause, HostNames

_NO_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}

Found = tuple[Sequence[Address], Sequence[str]]


class HostResolver(Protocol):
    """Looks a name up: its addresses in their order, and its canonical names."""

    async def resolve(self, host: str, port: int) -> Found:
        """Return what the name stands for. Raises OSError."""
        ...


class SystemResolver:
    """The resolver of the system, in the threads of the loop's executor."""

    async def resolve(self, host: str, port: int) -> Found:
        """Return every address of both families, and the name at the end of a chain of aliases."""
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME
        )
        addresses = dict.fromkeys((family, address) for family, _, _, _, address in found)
        names = {name.rstrip(".").lower() for _, _, _, name, _ in found if name}
        return list(addresses), sorted(names - {host.rstrip(".").lower()})


class ResolvedHost(msgspec.Struct, frozen=True):
    """The result of a lookup, with the addresses as sockets need them."""

    names: HostNames
    addresses: tuple[Address, ...] = ()


async def look_up(resolver: HostResolver, host: str, port: int, seconds: float) -> ResolvedHost:
    """Look up a name within this time; a failure is a result. An IP address needs no lookup."""
    if is_address(host):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        address: Address = (family, (host, port))
        return ResolvedHost(HostNames(host, (host,)), (address,))
    start = time.perf_counter()
    try:
        async with asyncio.timeout(seconds):
            addresses, canonical = await resolver.resolve(host, port)
    except (OSError, UnicodeError) as error:
        problem, cause = _explain(host, error, seconds)
        return ResolvedHost(
            HostNames(host, seconds=time.perf_counter() - start, problem=problem, cause=cause)
        )
    names = HostNames(
        host,
        tuple(dict.fromkeys(address[0] for _, address in addresses)),
        tuple(canonical),
        time.perf_counter() - start,
    )
    return ResolvedHost(names, tuple(addresses))


def family_of(address: str) -> str:
    """Return the name of an address's family."""
    return "IPv6" if ":" in address else "IPv4"


def _explain(host: str, error: OSError | UnicodeError, seconds: float) -> tuple[str, Cause]:
    if isinstance(error, TimeoutError):
        return (
            f"The name server did not answer within {seconds:g} s for {host}.",
            Cause.NAME_LOOKUP_FAILED,
        )
    if isinstance(error, UnicodeError):
        return f"{host} is no valid host name.", Cause.SYNTAX
    if isinstance(error, socket.gaierror) and error.errno in _NO_NAME:
        return f"The name {host} is not known.", Cause.NO_SUCH_NAME
    reason = error.strerror or str(error)
    return f"The name {host} could not be looked up: {reason}.", Cause.NAME_LOOKUP_FAILED

"""Lookups of names, and the networks of addresses."""

import asyncio
import socket

import pytest

from ibconsole.services.forward_test.names import (
    Found,
    SystemResolver,
    family_of,
    is_literal,
    kind_of,
    look_up,
)
from ibconsole.services.forward_test.rungs import AddressKind, Cause


class Failing:
    """A resolver that fails; without an error it never answers."""

    def __init__(self, error: OSError | None) -> None:
        self.error = error

    async def resolve(self, host: str, port: int) -> Found:
        if self.error:
            raise self.error
        await asyncio.Event().wait()
        raise AssertionError


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("8.8.8.8", AddressKind.PUBLIC),
        ("2606:4700::1111", AddressKind.PUBLIC),
        ("127.1.2.3", AddressKind.LOOPBACK),
        ("::1", AddressKind.LOOPBACK),
        ("::ffff:127.0.0.1", AddressKind.LOOPBACK),
        ("0.0.0.0", AddressKind.UNSPECIFIED),  # noqa: S104 an address to classify
        ("10.1.2.3", AddressKind.PRIVATE),
        ("172.31.255.255", AddressKind.PRIVATE),
        ("172.32.0.1", AddressKind.PUBLIC),
        ("192.168.1.1", AddressKind.PRIVATE),
        ("fd12::1", AddressKind.PRIVATE),
        ("169.254.1.1", AddressKind.LINK_LOCAL),
        ("fe80::1%eth0", AddressKind.LINK_LOCAL),
        ("169.254.169.254", AddressKind.METADATA),
        ("fd00:ec2::254", AddressKind.METADATA),
        ("100.64.0.1", AddressKind.CGNAT),
        ("192.0.2.1", AddressKind.DOCUMENTATION),
        ("2001:db8::1", AddressKind.DOCUMENTATION),
        ("224.0.0.1", AddressKind.MULTICAST),
        ("240.0.0.1", AddressKind.RESERVED),
        ("255.255.255.255", AddressKind.RESERVED),
        ("64:ff9b::a00:1", AddressKind.PRIVATE),
        ("2002:0808:0808::1", AddressKind.PUBLIC),
    ],
)
def test_kinds(address: str, kind: AddressKind) -> None:
    """Each address belongs to one network; one that embeds another is judged by that."""
    assert kind_of(address) is kind


async def test_lookup() -> None:
    """A lookup gives every address once; an address needs none."""
    named = await look_up(SystemResolver(), "localhost", 80, 5)
    literal = await look_up(Failing(None), "::1", 80, 5)

    assert "127.0.0.1" in named.names.addresses
    assert (named.names.problem, named.names.cause) == ("", Cause.NONE)
    assert len(set(named.addresses)) == len(named.addresses)
    assert literal.names.addresses == ("::1",)
    assert literal.addresses == ((socket.AF_INET6, ("::1", 80)),)


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (socket.gaierror(socket.EAI_NONAME, "no"), Cause.NO_SUCH_NAME),
        (socket.gaierror(socket.EAI_AGAIN, "later"), Cause.NAME_LOOKUP_FAILED),
        (None, Cause.NAME_LOOKUP_FAILED),
    ],
)
async def test_failures(error: OSError | None, cause: Cause) -> None:
    """An unknown name is distinguished from a lookup that failed."""
    found = await look_up(Failing(error), "x.example", 80, 0.01)

    assert (found.names.cause, found.addresses) == (cause, ())
    assert "x.example" in found.names.problem


def test_literals() -> None:
    """Addresses are recognized, and their family."""
    assert is_literal("::1")
    assert not is_literal("x.example")
    assert (family_of("::1"), family_of("127.0.0.1")) == ("IPv6", "IPv4")

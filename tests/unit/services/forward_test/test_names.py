"""Lookups of names, and the networks of addresses."""

import asyncio
import socket

import pytest

from ibconsole.services.forward_test.names import (
    Found,
    SystemResolver,
    family_of,
    look_up,
)
from ibconsole.services.forward_test.rungs import Cause


class Failing:
    """A resolver that fails; without an error it never answers."""

    def __init__(self, error: OSError | None) -> None:
        self.error = error

    async def resolve(self, host: str, port: int) -> Found:
        if self.error:
            raise self.error
        await asyncio.Event().wait()
        raise AssertionError


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


def test_families() -> None:
    """An address says which family it is of."""
    assert (family_of("::1"), family_of("127.0.0.1")) == ("IPv6", "IPv4")

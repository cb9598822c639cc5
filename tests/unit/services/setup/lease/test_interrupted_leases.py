"""Processes that die at any instant, faults, and other hands: the next start leaves no trace."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from ibconsole.errors import UserError
from ibconsole.model import ActionDraft
from ibconsole.services.setup.lease.leases import Leases
from ibconsole.services.setup.lease.values import LeaseRequest
from tests.unit.services.setup.lease.leases_made_up import ADDRESS
from tests.unit.services.setup.plans.accounts import FORWARD, PULL, Hand

Open = Callable[[], Leases]
STEPS = 8


class World:
    """One account, its customer, and processes that come and go."""

    def __init__(self, hand: Hand, open_process: Open, seed: int) -> None:
        self.hand = hand
        self.expected: list[ActionDraft] = []
        self._open = open_process
        self._process = open_process()
        self._random = random.Random(seed)  # noqa: S311

    async def act(self) -> None:
        """Let something happen."""
        await self._random.choice((self._borrow, self._end, self._settle, self._customer))()

    async def finish(self) -> None:
        """Let a last process end what is left, without further faults."""
        await self._die()
        self.hand.simulator.state.faults.clear()
        assert await self._process.settle() == ()

    async def _borrow(self) -> None:
        minutes = self._random.choice((0.001, 5.0))
        await self._interrupted(
            self._process.borrow(LeaseRequest(self.hand.code, ADDRESS, minutes))
        )

    async def _end(self) -> None:
        for lease in await self._process.active():
            await self._interrupted(self._process.end(lease.id))

    async def _settle(self) -> None:
        await self._interrupted(self._process.settle(2.0))

    async def _customer(self) -> None:
        """Let another hand change the setup, and fail some of the next requests."""
        if self.expected and self._random.random() < 0.4:
            self._delete_one()
        else:
            draft = self._random.choice((FORWARD, PULL))
            self.hand.configure(draft)
            self.expected.append(draft)
        fault = self._random.choice(("reset", "500", "cut", "503", "not-json"))
        method = self._random.choice(("POST", "DELETE", "GET"))
        self.hand.fail(fault, method, self._random.randint(1, 3))

    def _delete_one(self) -> None:
        draft = self.expected.pop()
        [configuration] = self.hand.route.configurations
        found = [one.key for one in configuration.actions if one.type == draft.type]
        own = [one.key for one in configuration.actions if "/lease-" in one.forward_url]
        self.hand.delete_action(next(key for key in found if key not in own))

    async def _interrupted(self, work: Coroutine[Any, Any, object]) -> None:
        """Let the process die at a random instant of the work, or finish it."""
        instant = self._random.choice((0.05, 0.1, 0.2, 0.4, 9.0))
        with suppress(UserError, TimeoutError):
            async with asyncio.timeout(self._random.random() * instant):
                await work
                return
        await self._die()

    async def _die(self) -> None:
        """End the process without any cleaning up: the system releases its locks."""
        died, self._process = self._process, self._open()
        await died._tasks.close()
        if died._held is not None:
            died._held.release()


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_is_left_and_nothing_else_is_touched(
    hand: Hand, processes: Open, seed: int, unmeasured: None
) -> None:
    """A configuration that the customer came to use stays; one of the program's own goes."""
    world = World(hand, processes, seed)
    for _ in range(STEPS):
        await world.act()
    await world.finish()

    key = {draft: (draft.type, draft.forward_url) for draft in world.expected}
    assert (hand.drafts or []) == sorted(key[one] for one in world.expected)

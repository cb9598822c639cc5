"""The simulated platform: answers requests, and lets messages arrive and be forwarded."""

import asyncio
import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from ibconsole.http1.message import Request, Response
from ibconsole.simulator import answers, contract, control
from ibconsole.simulator.chance import chance
from ibconsole.simulator.faults import INSTEAD, SPOILING
from ibconsole.simulator.settings import DEFAULTS, Settings
from ibconsole.simulator.throttle import Throttle
from ibconsole.simulator.world import World


class Simulator:
    """A handler for an HTTP server, and the account behind it.

    Everything happens on one event loop. Messages arrive by themselves and are forwarded
    only while run() runs.
    """

    def __init__(
        self, settings: Settings = DEFAULTS, *, now: Callable[[], datetime] | None = None
    ) -> None:
        self.world = World(settings, now=now) if now else World(settings)
        self._throttle = Throttle()
        self._pauses = chance(settings.seed, "pauses")
        self._switched = asyncio.Event()

    async def __call__(self, request: Request) -> Response:
        """Answer a request as the platform would, or as the control endpoint."""
        if control.controls(request):
            before = self.world.settings
            answer = control.answer(self.world, request)
            if self.world.settings is not before:
                self._switched.set()
            return answer
        self.world.calls[contract.operation(request)] += 1
        fault = self.world.faults.take(f"{request.method} {request.path}")
        if fault in INSTEAD:
            return INSTEAD[fault]()
        answer = self._answer(request)
        return SPOILING[fault](answer) if fault else answer

    @property
    def api_key(self) -> str:
        """The key that may do everything."""
        return self.world.api_key

    @property
    def pull_only_key(self) -> str:
        """A key with the scope inbound-message:read: the pull and nothing else."""
        return self.world.pull_only_key

    @property
    def pending(self) -> int:
        """How many messages wait for the pull."""
        return self.world.mailbox.pending

    @property
    def counters(self) -> dict[str, int]:
        """What happened so far, by name; see World.counters."""
        return self.world.counters

    def arrive(
        self, n: int = 1, *, application: str | None = None, **fields: Any
    ) -> list[dict[str, Any]]:
        """Let messages arrive, with these fields in the platform's spelling; the messages.

        They wait for the pull, are forwarded, or both, as the actions of their application
        say. Raises ValueError if there is no application of that code.
        """
        return self.world.arrive(n, application, fields)

    def wait_for_pull(self, messages: Iterable[Any]) -> None:
        """Let raw messages wait for the pull, whatever they are."""
        self.world.wait_for_pull(messages)

    def fail(self, fault: str, *, times: int = 1, match: str = "") -> None:
        """Spoil the next `times` requests whose "METHOD path" contains `match`.

        Raises ValueError if there is no such fault; FAULTS names them.
        """
        self.world.faults.plan(fault, times=times, match=match)

    def switch(self, **switches: Any) -> None:
        """Change settings while in use. Raises ValueError if they make no sense."""
        self.world.switch(switches)
        self._switched.set()

    async def run(self) -> None:
        """Let messages arrive at `rate` and forward what is due; ends on cancellation."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._arrivals(), name="arrivals")
            group.create_task(self.world.forwarder.run(), name="forwards")

    def _answer(self, request: Request) -> Response:
        key = _key_of(request)
        if key not in (self.api_key, self.pull_only_key):
            return answers.unauthorized()
        if self.world.settings.rate_limited and not self._throttle.admits():
            self.world.throttled += 1
            return answers.throttled()
        if key == self.pull_only_key and request.path != contract.PULL_PATH:
            return answers.forbidden()
        return contract.answer(self.world, request)

    async def _arrivals(self) -> None:
        """Independent of each other: the pauses between arrivals are exponential."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            rate = self.world.settings.rate
            due += self._pauses.expovariate(rate) if rate else math.inf
            if await self._switched_before(due):
                due = loop.time()
            else:
                self.world.arrive(1, None, {})

    async def _switched_before(self, moment: float) -> bool:
        """Whether settings may have changed before a moment of the loop's time came."""
        self._switched.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(moment if math.isfinite(moment) else None):
                await self._switched.wait()
            return True
        return False


def _key_of(request: Request) -> str:
    """The API key that a request was sent with, "" if none."""
    scheme, _, key = (request.header("authorization") or "").partition(" ")
    return key.strip() if scheme == "App" else ""

"""The simulated platform: answers requests, and lets messages arrive and be forwarded."""

import asyncio
import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from ibconsole.http1 import Request, Response
from ibconsole.simulator import answers, contract, control
from ibconsole.simulator.credentials import Credentials, Right
from ibconsole.simulator.faults import Order
from ibconsole.simulator.random_ids import chance
from ibconsole.simulator.settings import DEFAULTS, SimulatorSettings
from ibconsole.simulator.state import SimulatorState
from ibconsole.simulator.throttle import Throttle


class Simulator:
    """A handler for an HTTP server, and the account behind it.

    Everything happens on one event loop. Messages arrive by themselves and are forwarded
    only while run() runs.
    """

    def __init__(
        self, settings: SimulatorSettings = DEFAULTS, *, now: Callable[[], datetime] | None = None
    ) -> None:
        self.state = SimulatorState(settings, now=now) if now else SimulatorState(settings)
        self._throttle = Throttle()
        self._pauses = chance(settings.seed, "pauses")
        self._switched = asyncio.Event()

    async def __call__(self, request: Request) -> Response:
        """Answer a request as the platform would, or as the control endpoint."""
        if control.controls(request):
            before = self.state.settings
            answer = control.answer(self.state, request)
            if self.state.settings is not before:
                self._switched.set()
            return answer
        operation = contract.operation(request)
        self.state.calls[operation] += 1
        fault = self.state.faults.take(f"{request.method} {request.path}", operation)
        if fault is None:
            return self._answer(request)
        return fault.instead(request) or fault.spoilt(request, self._answer(request))

    @property
    def credentials(self) -> Credentials:
        """Every credential of the account, and the keys that it refuses."""
        return self.state.credentials

    @property
    def api_key(self) -> str:
        """The key that may do everything."""
        return self.credentials.api_key

    @property
    def pull_only_key(self) -> str:
        """A key with the scope inbound-message:read: the pull and nothing else."""
        return self.credentials.pull_only_key

    @property
    def pending(self) -> int:
        """How many messages wait for the pull."""
        return self.state.mailbox.pending

    @property
    def counters(self) -> dict[str, int]:
        """What happened so far, by name; see World.counters."""
        return self.state.counters

    def generate_messages(
        self, n: int = 1, *, application: str | None = None, **fields: Any
    ) -> list[dict[str, Any]]:
        """Let messages arrive, with these fields in the platform's spelling; the messages.

        They wait for the pull, are forwarded, or both, as the actions of their application
        say. Raises ValueError if there is no application of that code.
        """
        return self.state.generate_messages(n, application, fields)

    def add_to_inbox(self, messages: Iterable[Any]) -> None:
        """Let raw messages wait for the pull, whatever they are."""
        self.state.add_to_inbox(messages)

    def inject_fault(self, fault: str, **order: Any) -> None:
        """Spoil requests with one of FAULTS: the next one, or as the fields of Order say.

        Raises ValueError for what makes no sense.
        """
        self.state.faults.plan(Order(fault, **order))

    def change_settings(self, **switches: Any) -> None:
        """Change settings while in use. Raises ValueError if they make no sense."""
        self.state.change_settings(switches)
        self._switched.set()

    async def run(self) -> None:
        """Let messages arrive at `rate` and forward what is due; ends on cancellation."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._arrivals(), name="arrivals")
            group.create_task(self.state.forwarder.run(), name="forwards")

    def _answer(self, request: Request) -> Response:
        if contract.is_open(request):
            return contract.answer(self.state, request)
        right = self.credentials.right(request.header("authorization") or "", request.peer)
        if right is None:
            return answers.unauthorized()
        if self.state.settings.rate_limited and not self._throttle.admits():
            self.state.throttled += 1
            return answers.throttled()
        if right is Right.PULL and request.path != contract.PULL_PATH:
            return answers.forbidden()
        return contract.answer(self.state, request)

    async def _arrivals(self) -> None:
        """Independent of each other: the pauses between arrivals are exponential."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            rate = self.state.settings.rate
            due += self._pauses.expovariate(rate) if rate else math.inf
            if await self._switched_before(due):
                due = loop.time()
            else:
                self.state.generate_messages(1, None, {})

    async def _switched_before(self, moment: float) -> bool:
        """Whether settings may have changed before a moment of the loop's time came."""
        self._switched.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(moment if math.isfinite(moment) else None):
                await self._switched.wait()
            return True
        return False

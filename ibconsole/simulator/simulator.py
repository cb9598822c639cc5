"""The simulated platform: it answers requests, generates messages and forwards them."""

import asyncio
import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from ibconsole.http1 import Request, Response
from ibconsole.simulator import answers, contract, control
from ibconsole.simulator.account import Population
from ibconsole.simulator.clock import SimulatedClock
from ibconsole.simulator.credentials import Credentials, RateLimiter, Scope
from ibconsole.simulator.faults import FaultOrder
from ibconsole.simulator.forwarding import ForwardAttempt
from ibconsole.simulator.random_ids import RandomIds
from ibconsole.simulator.settings import DEFAULTS, SimulatorSettings
from ibconsole.simulator.state import SimulatorState, utc_now


class Simulator:
    """A request handler for an HTTP server, and the account behind it.

    Everything happens on one event loop. New messages arrive and are forwarded only while
    `run` runs.
    """

    def __init__(
        self,
        settings: SimulatorSettings = DEFAULTS,
        *,
        population: Population | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.state = SimulatorState(settings, population=population, now=now)
        self._rate_limiter = RateLimiter()
        self._pauses = RandomIds(settings.seed, "pauses")
        self._settings_changed = asyncio.Event()

    async def __call__(self, request: Request) -> Response:
        """Answer a request as the platform would, or as the control endpoint."""
        if control.is_control_request(request):
            before = self.state.settings
            answer = control.answer_request(self.state, request)
            if self.state.settings is not before:
                self._settings_changed.set()
            return answer
        operation = contract.operation_name(request)
        self.state.calls[operation] += 1
        fault = self.state.faults.take(f"{request.method} {request.path}", operation)
        if fault is None:
            return self._answer(request)
        return fault.replace_answer(request) or fault.alter_answer(request, self._answer(request))

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
        """A key with the scope inbound-message:read, which is limited to the pull."""
        return self.credentials.pull_only_key

    @property
    def pending(self) -> int:
        """The number of messages that wait for a pull."""
        return self.state.inbox.pending

    @property
    def clock(self) -> SimulatedClock:
        """The clock of the retries."""
        return self.state.clock

    @property
    def counters(self) -> dict[str, int]:
        """The numbers of events since the start, by name; see SimulatorState.counters."""
        return self.state.counters

    def generate_messages(
        self, count: int = 1, *, application: str | None = None, **fields: Any
    ) -> list[dict[str, Any]]:
        """Generate messages, with these fields in the platform's spelling, and return them.

        They wait for a pull, are forwarded, or both, as the actions of their application
        define. Raises ValueError if there is no application with that code.
        """
        return self.state.generate_messages(count, application, fields)

    def add_to_inbox(self, messages: Iterable[Any]) -> None:
        """Add raw messages of any type to the inbox."""
        self.state.add_to_inbox(messages)

    def inject_fault(self, fault: str, **order: Any) -> None:
        """Apply one of FAULTS to the next request, or as the fields of FaultOrder say.

        Raises ValueError for an invalid order.
        """
        self.state.faults.add(FaultOrder(fault, **order))

    def change_settings(self, **changes: Any) -> None:
        """Change settings at run time. Raises ValueError for invalid changes."""
        self.state.change_settings(changes)
        self._settings_changed.set()

    def forward_to(self, url: str) -> str:
        """Have the first application forward to this URL, and do nothing else; return its code."""
        return self.state.account.forward_to(url)

    def observe_forwards(self, on_attempt: Callable[[ForwardAttempt], None]) -> None:
        """Call `on_attempt` after each attempt to forward a message."""
        self.state.forwarder.on_attempt = on_attempt

    async def run(self) -> None:
        """Generate messages at `rate` and forward those that are due, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._generate_arrivals(), name="arrivals")
            group.create_task(self.state.forwarder.run(), name="forwards")

    def _answer(self, request: Request) -> Response:
        if contract.is_public(request):
            return contract.answer_call(self.state, request)
        scope = self.credentials.authorize(request.header("authorization") or "", request.peer)
        if scope is None:
            return answers.unauthorized()
        if self.state.settings.rate_limited and not self._rate_limiter.admit():
            self.state.throttled += 1
            return answers.throttled()
        if scope is Scope.PULL and request.path != contract.PULL_PATH:
            return answers.forbidden()
        return contract.answer_call(self.state, request)

    async def _generate_arrivals(self) -> None:
        """Generate a Poisson process: the pauses between arrivals are exponential."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            rate = self.state.settings.rate
            due += self._pauses.expovariate(rate) if rate else math.inf
            if await self._settings_change_before(due):
                due = loop.time()
            else:
                self.state.generate_messages(1, None, {})

    async def _settings_change_before(self, moment: float) -> bool:
        """Wait until `moment` of the loop's time; True at once if settings change before."""
        self._settings_changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(moment if math.isfinite(moment) else None):
                await self._settings_changed.wait()
            return True
        return False

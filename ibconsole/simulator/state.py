"""The whole state of a simulated account, and the paths of messages through it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ibconsole.simulator.account import Population, SimulatedAccount, SimulatedApplication
from ibconsole.simulator.clock import SimulatedClock
from ibconsole.simulator.credentials import Credentials
from ibconsole.simulator.data import FORWARD, PULL
from ibconsole.simulator.faults import FaultQueue
from ibconsole.simulator.forwarding import Forwarder
from ibconsole.simulator.inbox import CAPACITY, Inbox, MessageRoute, RouteKind, RouteState
from ibconsole.simulator.messages import MessageGenerator, spread_times
from ibconsole.simulator.random_ids import RandomIds
from ibconsole.simulator.sender_look import random_look
from ibconsole.simulator.settings import SimulatorSettings, WithoutAction, with_changes


def utc_now() -> datetime:
    """Return the time of the computer's clock."""
    return datetime.now(UTC)


class SimulatorState:
    """The state of a simulated account; tests may read and change every part of it.

    `calls` counts requests by operation, `arrived` all messages, `dropped` those for which
    there was no action.
    """

    def __init__(
        self,
        settings: SimulatorSettings,
        *,
        population: Population | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.settings = settings
        self.credentials = Credentials(settings)
        self.account = SimulatedAccount(settings.seed, settings.applications, population)
        self.inbox = Inbox(max(CAPACITY, settings.messages))
        self.clock = SimulatedClock(settings.clock_speed)
        self.forwarder = Forwarder(
            self.clock, anywhere=settings.forward_anywhere, look=random_look(settings.seed)
        )
        self._set_law()
        self.faults = FaultQueue()
        self.calls: Counter[str] = Counter()
        self.pulls = self.pulled_messages = self.arrived = self.dropped = self.throttled = 0
        self._arrival_source = RandomIds(settings.seed, "arrivals")
        self._generator = MessageGenerator(settings.seed)
        self._now = now
        self._fill_inbox(settings.messages)
        self.add_to_inbox(population.messages if population else ())

    def change_settings(self, changes: Mapping[str, Any]) -> None:
        """Change settings at run time, by name. Raises ValueError for invalid changes."""
        self.settings = with_changes(self.settings, changes)
        self.clock.set_speed(self.settings.clock_speed)
        self._set_law()
        self.forwarder.wake()

    def generate_messages(
        self, count: int, application: str | None, fields: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Generate messages, with these fields as given, and return them.

        Each takes the routes that the actions of its application define. Without an
        application code, each is for an application with actions if there is any. Raises
        ValueError if the account has no application with that code.
        """
        return [self._generate(self._find_recipient(application), fields) for _ in range(count)]

    def add_to_inbox(self, messages: Iterable[Any]) -> None:
        """Add raw messages of any type to the inbox, regardless of the actions."""
        for message in messages:
            self.arrived += 1
            self._send_on(message, [(MessageRoute(RouteKind.PULL), message)])

    @property
    def counters(self) -> dict[str, int]:
        """The numbers of events since the start, and of messages that wait, by name."""
        return {
            "requests": self.calls.total(),
            "throttled": self.throttled,
            "tokens": self.credentials.tokens_issued,
            "pulls": self.pulls,
            "pulled_messages": self.pulled_messages,
            "pending": self.inbox.pending,
            "pushed_out": self.inbox.pushed_out,
            "arrived": self.arrived,
            "dropped": self.dropped,
            "forward_attempts": self.forwarder.attempts,
            "forward_delivered": self.forwarder.delivered,
            "forward_waiting": self.forwarder.waiting,
            "forward_lost": self.forwarder.lost,
            "forward_refused_hosts": self.forwarder.refused_hosts,
        }

    def _set_law(self) -> None:
        self.forwarder.delays = self.settings.retry_delays
        self.forwarder.timeout = self.settings.forward_timeout
        self.forwarder.connections = self.settings.forward_connections

    def _fill_inbox(self, count: int) -> None:
        applications = self.account.pull_applications()
        for at in spread_times(count, self._now()):
            application = self._arrival_source.choice(applications)
            message = self._generator.generate(application.code, at)
            for action in application.actions:
                if action.get("type") == PULL:
                    message = _with_callback_data(message, action, {})
                    break
            self.add_to_inbox([message])

    def _find_recipient(self, code: str | None) -> SimulatedApplication:
        if code is None:
            return self.account.choose_application(self._arrival_source)
        application = self.account.application(code)
        if application is None:
            raise ValueError(f"The account has no application with the code {code}.")
        return application

    def _generate(
        self, application: SimulatedApplication, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        message = {**self._generator.generate(application.code, self._now()), **fields}
        self.arrived += 1
        self._send_on(message, self._routes(application, message, fields))
        return message

    def _send_on(self, message: Any, routes: list[tuple[MessageRoute, Any]]) -> None:
        self.inbox.record(message, [route for route, _ in routes])
        for route, as_sent in routes:
            if route.kind is RouteKind.PULL:
                self.inbox.put(as_sent, route)
            elif route.kind is RouteKind.FORWARD:
                self.forwarder.submit(as_sent, route)

    def _routes(
        self,
        application: SimulatedApplication,
        message: dict[str, Any],
        fields: Mapping[str, Any],
    ) -> list[tuple[MessageRoute, Any]]:
        """Return the message's routes, each with the message as sent: with callbackData."""
        actions = application.actions
        if not actions:
            return [(self._route_without_action(), message)]
        if not self.settings.both_actions:
            actions = actions[:1]
        # A message waits in the inbox once, even if there are several PULL actions.
        pulls = [action for action in actions if action.get("type") == PULL][:1]
        forwards = [action for action in actions if action.get("type") == FORWARD]
        return [
            (MessageRoute(RouteKind.PULL), _with_callback_data(message, action, fields))
            for action in pulls
        ] + [
            (
                MessageRoute(RouteKind.FORWARD, url=str(action.get("forwardUrl") or "")),
                _with_callback_data(message, action, fields),
            )
            for action in forwards
        ]

    def _route_without_action(self) -> MessageRoute:
        if self.settings.without_action == WithoutAction.PULL:
            return MessageRoute(RouteKind.PULL)
        self.dropped += 1
        return MessageRoute(RouteKind.NOWHERE, RouteState.DROPPED)


def _with_callback_data(
    message: dict[str, Any], action: Mapping[str, Any], fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Add the action's callbackData, unless the caller set that field explicitly."""
    if "callbackData" not in action or "callbackData" in fields:
        return message
    return {**message, "callbackData": action["callbackData"]}

"""Everything that a simulated account holds, and how messages get into it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ibconsole.simulator.account import Account, Application
from ibconsole.simulator.clock import Clock
from ibconsole.simulator.credentials import Credentials
from ibconsole.simulator.data import FORWARD, PULL
from ibconsole.simulator.faults import Faults
from ibconsole.simulator.forwarding import Forwarder
from ibconsole.simulator.inbox import ROOM, Inbox, Way
from ibconsole.simulator.messages import Writer, spread
from ibconsole.simulator.random_ids import chance
from ibconsole.simulator.settings import SimulatorSettings, changed


def _now() -> datetime:
    return datetime.now(UTC)


class SimulatorState:
    """The state of a simulated account; every part may be looked at and changed by tests.

    `calls` counts requests by operation, `arrived` messages, `dropped` those for which
    there was no action.
    """

    def __init__(self, settings: SimulatorSettings, *, now: Callable[[], datetime] = _now) -> None:
        self.settings = settings
        self.credentials = Credentials(settings)
        self.account = Account(settings.seed, settings.applications)
        self.mailbox = Inbox(max(ROOM, settings.messages))
        self.clock = Clock(settings.clock_speed)
        self.forwarder = Forwarder(self.clock, anywhere=settings.forward_anywhere)
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.pulls = self.pulled_messages = self.arrived = self.dropped = self.throttled = 0
        self._chance = chance(settings.seed, "arrivals")
        self._writer = Writer(settings.seed)
        self._now = now
        self._begin(settings.messages)

    def change_settings(self, switches: Mapping[str, Any]) -> None:
        """Change settings while in use. Raises ValueError if they make no sense."""
        self.settings = changed(self.settings, switches)
        self.clock.hasten(self.settings.clock_speed)
        self.forwarder.wake()

    def generate_messages(
        self, count: int, application: str | None, fields: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Let new messages arrive, with these fields as given; the messages.

        They go where the actions of their application send them. Without an application's
        code, each is for one that has actions if there is any. Raises ValueError if the
        account has no application of that code.
        """
        return [self._arrive(self._addressee(application), fields) for _ in range(count)]

    def add_to_inbox(self, messages: Iterable[Any]) -> None:
        """Let raw messages wait for the pull, whatever they are and the actions say."""
        for message in messages:
            self.arrived += 1
            self._deliver(message, [(Way("pull"), message)])

    @property
    def counters(self) -> dict[str, int]:
        """What happened so far, by name."""
        return {
            "requests": self.calls.total(),
            "throttled": self.throttled,
            "tokens": self.credentials.tokens_given,
            "pulls": self.pulls,
            "pulled_messages": self.pulled_messages,
            "pending": self.mailbox.pending,
            "pushed_out": self.mailbox.pushed_out,
            "arrived": self.arrived,
            "dropped": self.dropped,
            "forward_attempts": self.forwarder.attempts,
            "forward_delivered": self.forwarder.delivered,
            "forward_waiting": self.forwarder.waiting,
            "forward_lost": self.forwarder.lost,
            "forward_refused_hosts": self.forwarder.refused_hosts,
        }

    def _begin(self, count: int) -> None:
        pulled = self.account.pulled()
        for at in spread(count, self._now()):
            application = self._chance.choice(pulled)
            message = self._writer.write(application.code, at)
            for action in application.actions:
                if action["type"] == PULL:
                    message = _echoing(action, message, {})
                    break
            self.add_to_inbox([message])

    def _addressee(self, code: str | None) -> Application:
        if code is None:
            return self.account.anyone(self._chance)
        application = self.account.application(code)
        if application is None:
            raise ValueError(f"The account has no application with the code {code}.")
        return application

    def _arrive(self, application: Application, fields: Mapping[str, Any]) -> dict[str, Any]:
        message = {**self._writer.write(application.code, self._now()), **fields}
        self.arrived += 1
        self._deliver(message, self._ways(application, message, fields))
        return message

    def _deliver(self, message: Any, ways: list[tuple[Way, Any]]) -> None:
        self.mailbox.note(message, [way for way, _ in ways])
        for way, as_sent in ways:
            if way.by == "pull":
                self.mailbox.put(as_sent, way)
            elif way.by == "forward":
                self.forwarder.hand(as_sent, way)

    def _ways(
        self, application: Application, message: dict[str, Any], fields: Mapping[str, Any]
    ) -> list[tuple[Way, Any]]:
        """How a message goes, and how it looks on each way: an action's callbackData is echoed."""
        actions = application.actions
        if not actions:
            return [(self._way_without_action(), message)]
        if not self.settings.both_actions:
            actions = actions[:1]
        # However many PULL actions there are, a message waits once.
        pulls = [action for action in actions if action["type"] == PULL][:1]
        forwards = [action for action in actions if action["type"] == FORWARD]
        return [(Way("pull"), _echoing(action, message, fields)) for action in pulls] + [
            (Way("forward", url=action["forwardUrl"]), _echoing(action, message, fields))
            for action in forwards
        ]

    def _way_without_action(self) -> Way:
        if self.settings.without_action == "pull":
            return Way("pull")
        self.dropped += 1
        return Way("nowhere", "dropped")


def _echoing(
    action: Mapping[str, Any], message: dict[str, Any], fields: Mapping[str, Any]
) -> dict[str, Any]:
    """The message with the action's callbackData, unless the field was given on purpose."""
    if "callbackData" not in action or "callbackData" in fields:
        return message
    return {**message, "callbackData": action["callbackData"]}

"""What is known of an account's setup, and since when: shown at once, then read again.

Holds values only. Whoever changes the setup says so here; whoever changes the account
forgets it all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from ibconsole.model import Action, Application, Configuration

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """What the platform said, and when that was read: milliseconds since the epoch."""

    items: tuple[T, ...]
    read_at: int


class KnownActions(NamedTuple):
    """The actions of one configuration, and whose they are."""

    code: str
    key: str
    actions: Known[Action]


class SetupCache:
    """The setup as far as it was read: of one connection, in memory alone."""

    def __init__(self) -> None:
        self.applications: Known[Application] | None = None
        self._configurations: dict[str, Known[Configuration]] = {}
        self._actions: dict[tuple[str, str], Known[Action]] = {}

    def configurations(self, code: str) -> Known[Configuration] | None:
        """Those of an application; None if they were not read yet."""
        return self._configurations.get(code)

    def actions(self, code: str, key: str) -> Known[Action] | None:
        """Those of a configuration; None if they were not read yet."""
        return self._actions.get((code, key))

    def learn_applications(self, found: Sequence[Application], now: int) -> None:
        """These are all of the account."""
        self.applications = Known(tuple(found), now)

    def learn_configurations(self, code: str, found: Sequence[Configuration], now: int) -> None:
        """These are all of an application; actions of others are forgotten."""
        self._configurations[code] = Known(tuple(found), now)
        keys = {configuration.key for configuration in found}
        for place in [place for place in self._actions if place[0] == code]:
            if place[1] not in keys:
                del self._actions[place]

    def learn_actions(self, code: str, key: str, found: Sequence[Action], now: int) -> None:
        """These are all of a configuration."""
        self._actions[code, key] = Known(tuple(found), now)

    def forget_action(self, code: str, key: str, action: str) -> None:
        """An action was deleted; what is known of the others is as old as before."""
        if known := self._actions.get((code, key)):
            left = tuple(one for one in known.items if one.key != action)
            self._actions[code, key] = Known(left, known.read_at)

    def forget_application(self, code: str) -> None:
        """Nobody can say any more what this application has."""
        self._configurations.pop(code, None)
        for place in [place for place in self._actions if place[0] == code]:
            del self._actions[place]

    def forget(self) -> None:
        """Know nothing: this is another account."""
        self.applications = None
        self._configurations.clear()
        self._actions.clear()

    def every_configuration(self) -> Iterator[tuple[str, Configuration]]:
        """Each known configuration, with the code of its application."""
        for code, known in self._configurations.items():
            for configuration in known.items:
                yield code, configuration

    def every_action(self) -> Iterator[KnownActions]:
        """The actions of each configuration whose actions are known."""
        for (code, key), known in self._actions.items():
            yield KnownActions(code, key, known)

    def pullers(self) -> list[str]:
        """The codes of the applications that are known to have a PULL action."""
        codes = (
            code
            for (code, _), known in self._actions.items()
            if any(action.type == "PULL" for action in known.items)
        )
        return list(dict.fromkeys(codes))

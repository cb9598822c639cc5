"""The cache of an account's setup, shown at once and then read again.

It holds values only. Code that changes the setup stores the new state here; code that changes
the account clears the cache. All times are milliseconds since the epoch.
"""

from collections.abc import Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

from ibconsole.model import Action, ActionType, Application, Configuration

T = TypeVar("T")


class Cached(msgspec.Struct, Generic[T], frozen=True):
    """A list that the platform returned, and the time when it was read."""

    items: tuple[T, ...]
    read_at: int


class CachedActions(NamedTuple):
    """The actions of one configuration: the application's code, the configuration's key."""

    code: str
    key: str
    actions: Cached[Action]


class SetupCache:
    """The part of one account's setup that was read, in memory only.

    A list that was not read yet is None; one that was read and is empty is a Cached without items.
    """

    def __init__(self) -> None:
        self.applications: Cached[Application] | None = None
        self._configurations: dict[str, Cached[Configuration]] = {}
        self._actions: dict[tuple[str, str], Cached[Action]] = {}

    def configurations(self, code: str) -> Cached[Configuration] | None:
        """Return the configurations of an application; None if they were not read yet."""
        return self._configurations.get(code)

    def actions(self, code: str, key: str) -> Cached[Action] | None:
        """Return the actions of a configuration; None if they were not read yet."""
        return self._actions.get((code, key))

    def store_applications(self, applications: Sequence[Application], now: int) -> None:
        """Replace the list of the account's applications."""
        self.applications = Cached(tuple(applications), now)

    def store_configurations(
        self, code: str, configurations: Sequence[Configuration], now: int
    ) -> None:
        """Replace the configurations of an application; drop the actions of deleted ones."""
        self._configurations[code] = Cached(tuple(configurations), now)
        keys = {configuration.key for configuration in configurations}
        for owner, key in list(self._actions):
            if owner == code and key not in keys:
                del self._actions[owner, key]

    def store_actions(self, code: str, key: str, actions: Sequence[Action], now: int) -> None:
        """Replace the actions of a configuration."""
        self._actions[code, key] = Cached(tuple(actions), now)

    def clear(self) -> None:
        """Drop everything, for another account."""
        self.applications = None
        self._configurations.clear()
        self._actions.clear()

    def all_configurations(self) -> Iterator[tuple[str, Configuration]]:
        """Yield each cached configuration with the code of its application."""
        for code, cached in self._configurations.items():
            for configuration in cached.items:
                yield code, configuration

    def all_actions(self) -> Iterator[CachedActions]:
        """Yield the cached actions, configuration by configuration."""
        for (code, key), cached in self._actions.items():
            yield CachedActions(code, key, cached)

    def applications_with_pull(self) -> list[str]:
        """Return the codes of the applications with a cached PULL action, each once."""
        codes = (
            code
            for (code, _), cached in self._actions.items()
            if any(action.type == ActionType.PULL for action in cached.items)
        )
        return list(dict.fromkeys(codes))

"""The route of an application as it is on the platform: its configurations with their actions.

It is stored and compared in one canonical form, in which the order of lists does not matter.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from ibconsole.errors import UserError
from ibconsole.model import (
    Action,
    ActionDraft,
    Application,
    Configuration,
    Undecodable,
    encode_as_read,
    parse,
    read_action,
    read_configuration,
)
from ibconsole.services.setup.multi_step import draft_of

_AT_ONCE = 10  # applications; the account's budget decides how fast requests start


class ConfigurationState(msgspec.Struct, frozen=True):
    """A configuration with all of its actions; `raw` is the object as received."""

    key: str
    actions: tuple[Action, ...]
    raw: Mapping[str, Any]

    @property
    def drafts(self) -> tuple[ActionDraft, ...]:
        """The drafts that create actions like these, in a stable order."""
        return tuple(sorted(map(draft_of, self.actions), key=_draft_order))


class InboundRoute(msgspec.Struct, frozen=True):
    """All configurations of an application, none or one in all known cases."""

    configurations: tuple[ConfigurationState, ...] = ()

    def configuration(self, key: str) -> ConfigurationState | None:
        """Return the configuration with this key."""
        return next((one for one in self.configurations if one.key == key), None)


class RouteNotRead(UserError):
    """The route of an application could not be read."""


class RouteReader(Protocol):
    """Reads the configurations and actions of an account."""

    async def configurations(self, code: str) -> list[Configuration]: ...
    async def actions(self, code: str, key: str) -> list[Action]: ...


async def read_route(reader: RouteReader, code: str) -> InboundRoute:
    """Read the complete route of an application, in one request and one for each configuration.

    Raises an ApiError.
    """
    return InboundRoute(
        tuple(
            [
                ConfigurationState(one.key, tuple(await reader.actions(code, one.key)), one.raw)
                for one in await reader.configurations(code)
            ]
        )
    )


async def read_routes(
    reader: RouteReader,
    applications: Iterable[Application],
    on_progress: Callable[[int, int], object] | None = None,
) -> dict[str, InboundRoute]:
    """Read the routes of these applications, several at once; return them by the codes.

    `on_progress` is called with the number of applications that were read, and that of all. Raises
    RouteNotRead at the first failure, when the requests that are on their way have ended.
    """
    waiting = deque({one.code: one for one in applications}.values())
    total, routes = len(waiting), dict[str, InboundRoute]()

    async def work() -> None:
        while waiting:
            application = waiting.popleft()
            try:
                routes[application.code] = await read_route(reader, application.code)
            except UserError as error:
                waiting.clear()
                raise RouteNotRead(
                    f"The setup of “{application.name}” could not be read; nothing was changed."
                    f" {error}"
                ) from error
            if on_progress:
                on_progress(len(routes), total)

    # Others end their request after a failure, so that no task outlives this call.
    workers = (work() for _ in range(min(_AT_ONCE, total)))
    for problem in filter(None, await asyncio.gather(*workers, return_exceptions=True)):
        raise problem
    return routes


def route_bytes(route: InboundRoute) -> bytes:
    """Return a route in its canonical form, as JSON: equal for all orders of its lists."""
    return encode_as_read(
        [
            {
                "configuration": _sorted(one.raw),
                "actions": [_sorted(action.raw) for action in _by_key(one.actions)],
            }
            for one in _by_key(route.configurations)
        ]
    )


def route_of(stored: bytes) -> InboundRoute:
    """Return the route that `route_bytes` stored. Raises Undecodable."""
    found = parse(stored)
    try:
        return InboundRoute(tuple(map(_configuration_of, msgspec.convert(found, list[_Stored]))))
    except msgspec.ValidationError:
        raise Undecodable("A stored setup cannot be read.") from None


def canonical_bytes(raw: object) -> bytes:
    """Return an object as received in its canonical form: equal for all orders of its members."""
    return encode_as_read(_sorted(raw))


class _Stored(msgspec.Struct):
    configuration: dict[str, Any]
    actions: list[dict[str, Any]]


def _configuration_of(stored: _Stored) -> ConfigurationState:
    actions = tuple(map(read_action, stored.actions))
    return ConfigurationState(
        read_configuration(stored.configuration).key, actions, stored.configuration
    )


def _by_key(items: Sequence[Any]) -> list[Any]:
    return sorted(items, key=lambda one: (one.key, canonical_bytes(one.raw)))


def _sorted(value: Any) -> Any:
    """Return plain objects with their members in one order; the order of arrays has a meaning."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list) else value


def _draft_order(draft: ActionDraft) -> tuple[str, str, str]:
    return draft.type, draft.forward_url, draft.callback_data

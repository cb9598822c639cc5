"""The setup of an account, whose history is recorded in the archive."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from ibconsole.api import ApiClient, Call, CallKind, Platform, current_act
from ibconsole.clock import TimeSpan, now_ms
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.model import Action, ActionDraft, Application, Configuration
from ibconsole.services.request_log import purpose_part
from ibconsole.services.setup.history.recorder import SetupRecorder

if TYPE_CHECKING:
    from ibconsole.services import setup
else:  # a command that only reads does not load it
    setup = LazyModule("ibconsole.services.setup")

T = TypeVar("T")
log = logging.getLogger(__name__)

# Seconds for which a route that was read in an act stands for the state before its next change.
_FRESH = 2.0
_AFTERWARDS = 10.0  # seconds within which the route is read again after a change


class _KnownRoute(msgspec.Struct, frozen=True):
    """A route that is stored: the act in which it was read, and when by the monotonic clock."""

    act: str
    at: float


class RecordedSetup(Platform):
    """The platform, as seen by one account, with the history of its setup.

    Lists that are read are recorded, unless `records_reads` is false. Before a change the complete
    route of its application is read and stored, and it is read again afterwards; changes of one
    application follow each other. If the state before cannot be read or stored, nothing is sent:
    an ApiError or NotRecorded says so.
    """

    def __init__(
        self, client: ApiClient, recorder: SetupRecorder, *, records_reads: bool = True
    ) -> None:
        super().__init__(client)
        self._recorder = recorder
        self._records_reads = records_reads
        self._known: dict[str, _KnownRoute] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def applications(self) -> list[Application]:
        """See `Platform.applications`."""
        began = now_ms()
        found = await super().applications()
        if self._records_reads:
            self._recorder.see_applications(found, TimeSpan(began, now_ms()))
        return found

    async def configurations(self, code: str) -> list[Configuration]:
        """See `Platform.configurations`."""
        began = now_ms()
        found = await super().configurations(code)
        if self._records_reads:
            self._recorder.see_configurations(code, found, TimeSpan(began, now_ms()))
        return found

    async def actions(self, code: str, configuration: str) -> list[Action]:
        """See `Platform.actions`."""
        began = now_ms()
        found = await super().actions(code, configuration)
        if self._records_reads:
            self._recorder.see_actions(code, configuration, found, TimeSpan(began, now_ms()))
        return found

    async def create_configuration(self, code: str) -> Configuration:
        """See `Platform.create_configuration`. Raises NotRecorded as well."""
        create = super().create_configuration
        return await self._change(code, lambda: create(code))

    async def delete_configuration(self, code: str, key: str) -> None:
        """See `Platform.delete_configuration`. Raises NotRecorded as well."""
        delete = super().delete_configuration
        await self._change(code, lambda: delete(code, key))

    async def create_action(self, code: str, configuration: str, draft: ActionDraft) -> Action:
        """See `Platform.create_action`. Raises NotRecorded as well."""
        create = super().create_action
        return await self._change(code, lambda: create(code, configuration, draft))

    async def delete_action(self, code: str, configuration: str, key: str) -> None:
        """See `Platform.delete_action`. Raises NotRecorded as well."""
        delete = super().delete_action
        await self._change(code, lambda: delete(code, configuration, key))

    async def _change(self, code: str, send: Callable[[], Awaitable[T]]) -> T:
        self._client.require(Call(CallKind.CHANGE, "", ""))  # before anything is requested
        async with self._locks[code]:
            if not self._is_known(code):
                await self._store_route(code, "the setup before it")
            self._known.pop(code, None)
            result = await send()
            await self._store_afterwards(code)
            return result

    def _is_known(self, code: str) -> bool:
        """Return whether the state before this change was stored just now, in the same act."""
        known, act = self._known.get(code), current_act.get()
        return bool(known and act == known.act and time.monotonic() - known.at < _FRESH)

    async def _store_route(self, code: str, part: str) -> None:
        began, at = now_ms(), time.monotonic()
        with purpose_part(part):
            route = await setup.read_route(self, code)
        await self._recorder.store_route(code, route, TimeSpan(began, now_ms()))
        if act := current_act.get():
            self._known[code] = _KnownRoute(act, at)

    async def _store_afterwards(self, code: str) -> None:
        """Store the state after a change, which is no failure of the change if it fails."""
        try:
            async with asyncio.timeout(_AFTERWARDS):
                await self._store_route(code, "the setup after it")
        except (UserError, TimeoutError) as error:
            log.info("The setup after a change could not be recorded. %s", error)

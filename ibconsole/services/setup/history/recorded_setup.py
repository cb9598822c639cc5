"""The setup of an account, whose history is recorded in the archive."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from ibconsole.api import ApiClient, Call, CallKind, Platform, deletion_path
from ibconsole.clock import TimeSpan, now_ms
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.model import Action, ActionDraft, Application, Configuration
from ibconsole.services.audit import NotRecorded
from ibconsole.services.request_log import purpose_part
from ibconsole.services.setup.history.recorder import SetupRecorder

if TYPE_CHECKING:
    from ibconsole import archive
    from ibconsole.services import setup
else:  # a command that only reads does not load them
    archive = LazyModule("ibconsole.archive")
    setup = LazyModule("ibconsole.services.setup")

T = TypeVar("T")
log = logging.getLogger(__name__)

_AFTERWARDS = 10.0  # seconds within which the route is read again after a change


class RecordedSetup(Platform):
    """The platform, as seen by one account, with the history of its setup.

    What is read is passed to the recorder. Before a change the complete route of its application is
    read and stored, and it is read again afterwards; changes of one application follow each other.
    A route that was read in the same act just now is not read again. If the state before cannot be
    read or stored, nothing is sent: an ApiError or NotRecorded says so.
    """

    def __init__(self, client: ApiClient, recorder: SetupRecorder) -> None:
        super().__init__(client)
        self._recorder = recorder
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def applications(self) -> list[Application]:
        """See `Platform.applications`."""
        began = now_ms()
        found = await super().applications()
        self._recorder.see_applications(found, TimeSpan(began, now_ms()))
        return found

    async def configurations(self, code: str) -> list[Configuration]:
        """See `Platform.configurations`."""
        began = now_ms()
        found = await super().configurations(code)
        self._recorder.see_configurations(code, found, TimeSpan(began, now_ms()))
        return found

    async def actions(self, code: str, configuration: str) -> list[Action]:
        """See `Platform.actions`."""
        began = now_ms()
        found = await super().actions(code, configuration)
        self._recorder.see_actions(code, configuration, found, TimeSpan(began, now_ms()))
        return found

    async def create_configuration(self, code: str) -> Configuration:
        """See `Platform.create_configuration`. Raises NotRecorded as well."""
        create = super().create_configuration
        return await self._change(code, lambda: create(code))

    async def delete_configuration(self, code: str, key: str) -> None:
        """See `Platform.delete_configuration`. Raises NotRecorded as well."""
        delete = super().delete_configuration
        path = deletion_path(code, key)
        await self._change(code, lambda: delete(code, key), deletes=path)

    async def create_action(self, code: str, configuration: str, draft: ActionDraft) -> Action:
        """See `Platform.create_action`. Raises NotRecorded as well."""
        create = super().create_action
        return await self._change(code, lambda: create(code, configuration, draft))

    async def delete_action(self, code: str, configuration: str, key: str) -> None:
        """See `Platform.delete_action`. Raises NotRecorded as well."""
        delete = super().delete_action
        path = deletion_path(code, configuration, key)
        await self._change(code, lambda: delete(code, configuration, key), deletes=path)

    def route_after_change(self, code: str) -> "setup.InboundRoute | None":
        """Return the route that was read after the last change, if this act read it just now."""
        fresh = self._recorder.fresh_route(code)
        return fresh[0] if fresh else None

    async def _change(self, code: str, send: Callable[[], Awaitable[T]], *, deletes: str = "") -> T:
        method = "DELETE" if deletes else ""
        # Before anything is requested.
        self._client.require(Call(CallKind.CHANGE, method, deletes))
        async with self._locks[code]:
            await self._store_before(code)
            self._recorder.forget_route(code)
            result = await send()
            await self._store_afterwards(code)
            return result

    async def _store_before(self, code: str) -> None:
        fresh = self._recorder.fresh_route(code)
        try:
            if fresh:
                await self._recorder.store_route(code, *fresh)
            else:
                await self._read_and_store(code, "the setup before it")
        except archive.ArchiveError as error:
            raise NotRecorded(
                "Nothing was sent, because the setup as it is could not be stored before the"
                f" change. {error}"
            ) from error

    async def _read_and_store(self, code: str, part: str) -> None:
        began = now_ms()
        with purpose_part(part):
            route = await setup.read_route(self, code)
        await self._recorder.store_route(code, route, TimeSpan(began, now_ms()))

    async def _store_afterwards(self, code: str) -> None:
        """Store the state after a change, which is no failure of the change if it fails."""
        try:
            async with asyncio.timeout(_AFTERWARDS):
                await self._read_and_store(code, "the setup after it")
        except (UserError, TimeoutError) as error:
            log.info("The setup after a change could not be recorded. %s", error)

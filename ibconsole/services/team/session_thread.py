"""A session with a team's archive on a thread of its own, for code on an event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ibconsole.archive import Reader
from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    from ibconsole import team_archive
    from ibconsole.services.connections import TeamAccess
    from ibconsole.team_archive import TeamSession
else:
    team_archive = LazyModule("ibconsole.team_archive")

T = TypeVar("T")
# Opens a session; returns it with the id of this archive in the team's.
TeamOpener: TypeAlias = "Callable[[], tuple[TeamSession, int]]"

PATIENCE = 20.0  # seconds: connecting may take half of it


def team_opener(
    access: "TeamAccess", archive: Path, label: str, *, is_collector: bool = False
) -> TeamOpener:
    """Return what opens sessions for pulling, and registers this archive, called `label`.

    It blocks, and raises a TeamArchiveError, or an ArchiveError of the archive on this disk.
    """

    def open_registered() -> "tuple[TeamSession, int]":
        with Reader(archive) as reader:
            identity = reader.identity()
        session = team_archive.open_session(
            access.address, access.password, "pull", statement_timeout=5
        )
        try:
            source = team_archive.register_source(
                session, identity, label, is_collector=is_collector
            )
        except BaseException:
            session.close()
            raise
        return session, source

    return open_registered


class SessionThread:
    """One session, opened when it is first needed, and the only thread that uses it.

    What the server does not answer in time is cut off. After an error the session is closed, and
    the next call opens another.
    """

    def __init__(self, opener: TeamOpener) -> None:
        self._opener = opener
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="team pull")
        self._opened: tuple[TeamSession, int] | None = None

    async def run(self, work: "Callable[[TeamSession, int], T]", *, seconds: float = PATIENCE) -> T:
        """Call a function with the session and this archive's id there; return its result.

        Raises a TeamArchiveError, also if it takes more than some `seconds`. A caller that is
        cancelled leaves the call going on.
        """
        future = self._thread.submit(self._call, work)
        waiting = asyncio.wrap_future(future)
        waiting.add_done_callback(_retrieve)
        done, _ = await asyncio.wait([waiting], timeout=seconds)
        if not done and self._opened:
            team_archive.break_off(self._opened[0].db)
        return await waiting

    async def drop(self) -> None:
        """Close the session; the next call opens another."""
        await asyncio.wrap_future(self._thread.submit(self._drop))

    async def close(self) -> None:
        """Close the session and end the thread."""
        await self.drop()
        self._thread.shutdown(wait=False)

    def _call(self, work: "Callable[[TeamSession, int], T]") -> T:
        try:
            if self._opened is None:
                self._opened = self._opener()
            with team_archive.translated(self._opened[0].address):
                return work(*self._opened)
        except Exception:
            self._drop()
            raise

    def _drop(self) -> None:
        opened, self._opened = self._opened, None
        if opened:
            opened[0].close()


def _retrieve(future: "asyncio.Future[Any]") -> None:
    """Take the error of a call whose caller was cancelled, so that asyncio does not log it."""
    if not future.cancelled():
        future.exception()

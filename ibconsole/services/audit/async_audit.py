"""The audit as the window reads it: on a thread and a connection of its own."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import msgspec

from ibconsole.archive import (
    AuditFilter,
    AuditReader,
    AuditRow,
    AuditVerification,
    ProgressCallback,
)
from ibconsole.lazy import LazyModule
from ibconsole.services.audit.reports import (
    describe_act,
    describe_outcome_of,
    describe_row,
    verify,
)

if TYPE_CHECKING:
    from ibconsole.services import messages
    from ibconsole.services.audit import exporting
else:  # imported with the first verification or export
    exporting = LazyModule("ibconsole.services.audit.exporting")
    messages = LazyModule("ibconsole.services.messages")

P = ParamSpec("P")
T = TypeVar("T")


class AuditCall(msgspec.Struct, frozen=True):
    """A call as a list shows it; `id` is the number of its row, `at` in ms since the epoch.

    Secrets in its texts are masked. `code` is that of its application, by which the name is known;
    it must not be shown.
    """

    id: int
    at: int
    connection: str
    code: str
    user: str
    host: str
    account: str
    what: str
    state: str
    outcome: str
    reason: str
    place: str
    is_ended: bool


class AuditCalls(msgspec.Struct, frozen=True):
    """Calls, the newest first; `rest` says where older ones begin, None if there are none.

    `head` changes with every row that is appended, by any process.
    """

    calls: Sequence[AuditCall]
    rest: int | None = None
    head: str = ""


class AuditChoices(msgspec.Struct, frozen=True):
    """The accounts that the audit has calls of, by their UUIDs, and the codes of each."""

    accounts: Mapping[str, str]
    codes: Mapping[str, Sequence[str]]


class AsyncAudit:
    """Reads the audit of one archive; belongs to one loop. Every method may raise ArchiveError.

    The archive is opened by the first of them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit")
        self._reader: AuditReader | None = None

    async def close(self) -> None:
        """Close the archive."""
        await asyncio.wrap_future(self._thread.submit(self._close))
        self._thread.shutdown()

    async def head(self) -> str:
        """Return a text that changes with every row; see `AuditReader.head`."""
        return await self._run(AuditReader.head)

    async def page(self, chosen: AuditFilter, before: int | None = None) -> AuditCalls:
        """Read the newest calls that match, or those before a row. Cancelling interrupts it."""
        cancelled = threading.Event()
        try:
            return await self._run(_read_page, chosen, before, cancelled.is_set)
        finally:
            cancelled.set()

    async def calls(self, numbers: Sequence[int]) -> Sequence[AuditCall]:
        """Read these calls again, which may have ended meanwhile; missing ones are left out."""
        return await self._run(_read_calls, numbers)

    async def details(self, number: int) -> Mapping[str, Any] | None:
        """Return everything that is stored of a call, masked; see `describe_row`."""
        return await self._run(_read_details, number)

    async def choices(self) -> AuditChoices:
        """Return what a filter can choose."""
        return await self._run(_read_choices)

    async def verify(self) -> AuditVerification:
        """Verify the chain; see `verify`."""
        return await messages.run_in_worker(lambda _: verify(self._path), lambda _: None)

    async def export(self, target: Path, chosen: AuditFilter, on_progress: ProgressCallback) -> int:
        """Write the calls that match to a file, oldest first; return their number.

        As CSV if its name ends with that, else as JSON Lines. Replaces a regular file, and appears
        only when it is complete. Raises ArchiveError and ExportFailed.
        """
        return await messages.run_in_worker(
            lambda report: exporting.export_audit(self._path, target, chosen, report), on_progress
        )

    def _close(self) -> None:
        if self._reader:
            self._reader.close()
        self._reader = None

    async def _run(
        self, work: Callable[Concatenate[AuditReader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def call() -> T:
            if self._reader is None:
                self._reader = AuditReader(self._path)
            return work(self._reader, *args, **kwargs)

        return await asyncio.wrap_future(self._thread.submit(call))


def _call(row: AuditRow) -> AuditCall:
    shown = describe_row(row)
    return AuditCall(
        id=row.number,
        at=row.at,
        connection=row.connection,
        code=row.application,
        user=shown["user"],
        host=shown["host"],
        account=shown["account"],
        what=describe_act(shown),
        state=shown["outcome"],
        outcome=describe_outcome_of(shown),
        reason=shown["reason"],
        place=shown["place"],
        is_ended=row.ended_at is not None,
    )


def _read_page(
    reader: AuditReader, chosen: AuditFilter, before: int | None, cancelled: Callable[[], bool]
) -> AuditCalls:
    head = reader.head()  # before the rows: a row that comes now is read again rather than missed
    page = reader.page(chosen, before, cancelled=cancelled)
    return AuditCalls(tuple(map(_call, page.rows)), page.rest, head)


def _read_calls(reader: AuditReader, numbers: Sequence[int]) -> Sequence[AuditCall]:
    return [_call(row) for row in reader.rows(numbers)]


def _read_details(reader: AuditReader, number: int) -> Mapping[str, Any] | None:
    found = reader.rows([number])
    return describe_row(found[0]) if found else None


def _read_choices(reader: AuditReader) -> AuditChoices:
    accounts: dict[str, str] = {}
    codes: dict[str, dict[str, None]] = {}
    for row in reader.latest():
        if row.connection:
            accounts[row.connection] = str(describe_row(row)["account"]) or row.connection
        if row.application:
            codes.setdefault(row.connection, {})[row.application] = None
    return AuditChoices(accounts, {one: tuple(found) for one, found in codes.items()})

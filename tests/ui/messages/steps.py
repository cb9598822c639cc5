"""A fake archive, and steps that the tests of the list of messages share."""

import asyncio
from array import array
from collections.abc import Sequence

from msgspec.structs import replace

from ibconsole.archive.records import Filter, Flags, Listing, MessageRow, Order, Place
from ibconsole.errors import UserError
from ibconsole.services.connections.connection import Environment
from ibconsole.services.runtime.status import ArchiveStatus, ConnectionStatus, Status
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.messages.presenter import MessagesPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.sample_records import row

SANDBOX = ConnectionStatus("Sandbox", "http://127.0.0.1:8080", "abcd…", Environment.SANDBOX)


class FakeArchive:
    """Messages 1 to `newest`; of them match the filters "even" and "odd" what these say.

    Records the searches. Those for older messages wait for `found`, and find 400 at a time.
    """

    def __init__(self) -> None:
        self.newest = 0
        self.broken = False
        self.searches: list[tuple[Filter, int]] = []
        self.flags = Flags(0)
        self.text = ""
        self.found = asyncio.Event()
        self.found.set()

    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        texts = (self.text or f"text {number}" for number in ids)
        return [
            row(number, flags=self.flags, text=text)
            for number, text in zip(ids, texts, strict=True)
        ]

    async def search(
        self, criteria: Filter, *, order: Order, after: int = 0, limit: int | None = None
    ) -> Listing:
        self.searches.append((criteria, after))
        await asyncio.sleep(0)
        if self.broken:
            raise UserError("The archive cannot be read.")
        matching = [one for one in self._matching(criteria, order) if one > after]
        return self._listing(matching[-limit:] if limit else matching, order)

    async def fetch_rows(self, ids: Sequence[int]) -> list[MessageRow]:
        return self.rows(ids)

    async def search_older(
        self, criteria: Filter, before: Place, *, order: Order, newest: int
    ) -> Listing:
        await self.found.wait()
        matching = [one for one in self._matching(criteria, order) if one <= newest]
        older = matching[: matching.index(before.id)]
        listing = self._listing(older[-400:], order)
        return replace(listing, rest=listing.place if len(older) > 400 else None)

    def _matching(self, criteria: Filter, order: Order) -> list[int]:
        step = 2 if criteria.text in {"even", "odd"} else 1
        start = 2 if criteria.text == "even" else 1
        matching = range(start, self.newest + 1, step)
        return sorted(matching, key=self.received if order is Order.RECEIVED else None)

    def _listing(self, ids: Sequence[int], order: Order) -> Listing:
        keys = map(self.received, ids) if order is Order.RECEIVED else ()
        return Listing(array("q", ids), array("q", keys), max(ids, default=0))

    def received(self, message: int) -> int:
        """Every fourth message was received before all others, and so on."""
        return message % 4 * 1000 + message


def status(archive: FakeArchive) -> Status:
    """Return the status after everything in the archive was committed."""
    counted = ArchiveStatus(messages=archive.newest, newest=archive.newest, path="/archive")
    return Status(connection=SANDBOX, archive=counted)


def texts(pane: MessagesPane) -> list[str]:
    """Return the texts of the listed messages, from top to bottom."""
    return [pane.model.index(row, 6).data() for row in range(pane.model.rowCount())]


def numbers(pane: MessagesPane) -> list[int]:
    """Return the ids of the listed messages, from top to bottom."""
    return [pane.model.id_at(row) for row in range(pane.model.rowCount())]


async def arrive(
    presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks, newest: int
) -> None:
    """Commit messages up to this id, and wait until they are listed."""
    archive.newest = newest
    presenter.show_status(status(archive))
    await tasks.settled()

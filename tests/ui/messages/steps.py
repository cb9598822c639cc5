"""A fake archive, and steps that the tests of the list of messages share."""

import asyncio
from array import array
from collections.abc import Sequence

from ibconsole.archive.records import Filter, Flags, Listing, MessageRow, Order
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

    Records the searches. One for all messages waits for `found`.
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
        if limit is None:
            await self.found.wait()
        step = 2 if criteria.text in {"even", "odd"} else 1
        start = 2 if criteria.text == "even" else 1
        matching = [one for one in range(start, self.newest + 1, step) if one > after]
        if order is Order.RECEIVED:
            matching.sort(key=self.received)
        ids = array(
            "q",
            matching if limit is None else matching[len(matching) - min(limit, len(matching)) :],
        )
        keys = map(self.received, ids) if order is Order.RECEIVED else ()
        return Listing(ids, array("q", keys))

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

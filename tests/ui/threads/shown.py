"""The rows that a pane shows, and the messages that are followed."""

from pathlib import Path

from ibconsole.archive.reader import Reader
from ibconsole.archive.records import StoredMessage
from ibconsole.ui.threads.pane import ThreadPane


def cells(pane: ThreadPane, column: int) -> list[str]:
    model = pane.table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def stored(path: Path, number: int) -> StoredMessage:
    with Reader(path) as reader:
        found = reader.message(number)
    assert found is not None
    return found

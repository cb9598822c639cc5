"""Cells mark what was searched for."""

from array import array
from dataclasses import dataclass

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.feed_model import FeedColumn, FeedModel
from ibconsole.ui.tables.feed_table import FeedTable
from ibconsole.ui.tables.marked_cells import MarkedCells
from ibconsole.ui.toolkit.text import one_line
from ibconsole.ui.toolkit.theme import Scheme, Theme


@dataclass(frozen=True)
class Record:
    id: int
    text: str


@pytest.fixture
def model() -> FeedModel[Record]:
    columns: list[FeedColumn[Record]] = [FeedColumn("Text", lambda record: one_line(record.text))]
    return FeedModel(columns, lambda ids: [Record(one, f"an\tOrder {one}") for one in ids])


@pytest.fixture
def cells(model: FeedModel[Record], theme: Theme) -> MarkedCells[Record]:
    return MarkedCells(model, theme, lambda record: record.text, one_line)


@pytest.fixture
def table(
    model: FeedModel[Record], cells: MarkedCells[Record], theme: Theme, qtbot: QtBot
) -> FeedTable:
    table = FeedTable(stretch=0)
    qtbot.addWidget(table)
    table.setModel(model)
    table.setItemDelegateForColumn(0, cells)
    table.resize(300, 120)
    model.show(array("q", [1, 2]))
    table.show()
    return table


def count(table: FeedTable, colour: str) -> int:
    image = table.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    wanted = QColor(colour).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(26, 52))


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_matches_are_marked(
    table: FeedTable, cells: MarkedCells[Record], theme: Theme, scheme: Scheme
) -> None:
    """A match has its colour in both themes, in a selected row too; without one nothing has."""
    theme.apply(scheme)
    assert count(table, theme.colours.match) == 0

    cells.mark("order")
    assert cells.matches(0) == ("an Order 2", ((3, 8),))
    plain = count(table, theme.colours.match)
    assert plain > 100
    table.selectRow(1)
    assert count(table, theme.colours.match) == plain

    cells.mark("other")
    assert cells.matches(0) == ("an Order 2", ())
    assert count(table, theme.colours.match) == 0


def test_text_does_not_move(table: FeedTable, cells: MarkedCells[Record], theme: Theme) -> None:
    """The text of a marked cell is where it is without marks."""

    def dark_columns() -> list[int]:
        image = table.viewport().grab().toImage()
        area = range(26, 46)  # above the line under a match
        return [x for x in range(20) if any(image.pixelColor(x, y).lightness() < 100 for y in area)]

    before = dark_columns()
    cells.mark("order")

    assert dark_columns() == before

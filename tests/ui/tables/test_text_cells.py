"""Cells are painted faster than by Qt, and look the same."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.feed_model import FeedColumn, FeedModel
from ibconsole.ui.tables.feed_table import FeedTable
from ibconsole.ui.tables.text_cells import Index, TextCells, TintedCells
from ibconsole.ui.toolkit.theme import Scheme, Theme

TEXTS = (
    "short",
    "a text that is far too long for the width of its column",
    "R&D & 100 % 'quoted' <b>",
    "Größe e\u0301 \u200f mark",
    "12,345",
    "",
)
# Their fonts may be taller: Qt shifts such a text down, away from the base line of its row.
SCRIPTS = (
    "Ελλάδα Привет",
    "שלום עולם 123",
    "مرحبا abc بالعالم",
    "日本語のテキスト",
    "😀 emoji 👨‍👩‍👧",
)


@dataclass(frozen=True)
class Record:
    id: int


class QtTinted(QStyledItemDelegate):
    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.HighlightedText):
            option.palette.setColor(role, QColor("red"))


def make_table(texts: Sequence[str], qtbot: QtBot) -> FeedTable:
    def text(record: Record) -> str:
        return texts[record.id - 1]

    table = FeedTable(stretch=0)
    qtbot.addWidget(table)
    columns = [FeedColumn("A", text), FeedColumn("B", text, right=True)]
    model = FeedModel(columns, lambda ids: [Record(one) for one in ids], table)
    table.setModel(model)
    model.show(array("q", range(1, len(texts) + 1)))
    table.set_widths(0, 131)
    table.resize(301, 26 * (len(texts) + 1))
    table.show()
    return table


def picture(table: FeedTable, cells: QStyledItemDelegate) -> QImage:
    for column in range(2):
        table.setItemDelegateForColumn(column, cells)
    return table.grab().toImage()


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_cells_look_as_those_of_qt(theme: Theme, qtbot: QtBot, scheme: Scheme) -> None:
    """Cells look as in a table of Qt: elided, selected, current, tinted, or disabled."""
    table = make_table(TEXTS, qtbot)
    theme.apply(scheme)
    own, plain = TextCells(table), QStyledItemDelegate(table)
    tinted = TintedCells(theme, "danger", table)
    theirs = QtTinted(table)
    flags = QItemSelectionModel.SelectionFlag

    def check() -> None:
        assert picture(table, own) == picture(table, plain)

    check()
    table.selectionModel().select(table.model().index(1, 0), flags.Select | flags.Rows)
    check()
    table.setFocus()
    table.setCurrentIndex(table.model().index(3, 1))
    check()
    font = table.font()
    font.setPixelSize(18)
    table.setFont(font)
    check()
    table.setEnabled(False)  # in a larger font
    check()
    assert picture(table, tinted) != picture(table, plain)
    tinted.colour = lambda *_: QColor("red")  # type: ignore[method-assign]
    assert picture(table, tinted) == picture(table, theirs)


def test_texts_of_other_scripts_keep_their_direction(theme: Theme, qtbot: QtBot) -> None:
    """A text that is written from right to left stands where Qt puts it."""
    table = make_table(SCRIPTS, qtbot)

    own = [inked(picture(table, TextCells(table)), row) for row in range(len(SCRIPTS))]

    plain = QStyledItemDelegate(table)
    assert own == [inked(picture(table, plain), row) for row in range(len(SCRIPTS))]


def inked(image: QImage, row: int) -> list[int]:
    """Return the columns of pixels that are not empty in a row."""
    rows = range(26 * (row + 1), 26 * (row + 2))
    blank = image.pixel(2, rows.start)
    return [x for x in range(image.width() - 12) if any(image.pixel(x, y) != blank for y in rows)]

"""A marked row has a background, a bar at its left edge, and the name of its mark."""

from array import array

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.extended_model import ExtendedFeedModel, RowMark
from ibconsole.ui.tables.feed_model import FeedColumn, FeedModel
from ibconsole.ui.tables.marked_table import MarkedTable, mark_colours
from ibconsole.ui.toolkit.theme import DARK, LIGHT, ROW_HEIGHT, Colours, Theme, contrast
from tests.ui.tables.lines import Line, LineExtras

MARKS = [RowMark(name, name) for name in ("info", "ok", "warning", "danger", "violet", "neutral")]


@pytest.fixture
def table(qtbot: QtBot, theme: Theme) -> MarkedTable:
    model = ExtendedFeedModel[Line](
        [FeedColumn("Number", lambda line: str(line.id))], lambda ids: [*map(Line, ids)]
    )
    table = MarkedTable(theme, stretch=0, preferred_width=100)
    table.setModel(model)
    table.set_widths(0)
    model.setParent(table)
    model.show(array("q", range(1, 9)))
    qtbot.addWidget(table)
    table.resize(300, 12 * ROW_HEIGHT)
    table.show()
    model.show_extras((), MARKS, "")
    model.mark(0)
    wanted = model.take_wanted_extras()
    model.add_extras(wanted, [LineExtras(one, (), 8 - one if one > 2 else -1) for one in wanted])
    return table


def colours_at(table: QTableView, row: int, image: QImage) -> tuple[str, str]:
    """Return the colours at the left edge of a row, and in the middle of it."""
    y = table.rowViewportPosition(row) + ROW_HEIGHT // 2
    return image.pixelColor(1, y).name(), image.pixelColor(200, y).name()


def test_marked_rows(table: MarkedTable, qtbot: QtBot) -> None:
    """Each mark has its own background and bar; a selected row keeps the bar."""
    qtbot.waitExposed(table)
    table.selectRow(1)
    image = table.viewport().grab().toImage()
    found = [colours_at(table, row, image) for row in range(8)]

    expected = [tuple(one.name() for one in reversed(mark_colours(LIGHT, one))) for one in MARKS]
    assert [found[row] for row in (0, 2, 3, 4, 5)] == [expected[row] for row in (0, 2, 3, 4, 5)]
    assert found[1][0] == expected[1][0]
    assert found[1][1] != expected[1][1]
    assert found[6] == found[7] == (LIGHT.surface, LIGHT.surface)


def test_names(table: MarkedTable) -> None:
    """The tooltip of each cell in a marked row names the mark; others have none of it."""
    model = table.model()

    assert "Highlighted by: info" in table.tooltip_of(model.index(0, 0))
    assert table.tooltip_of(model.index(7, 0)) == ""


def test_a_table_without_marks(qtbot: QtBot, theme: Theme) -> None:
    """Any other model is shown as in other tables."""
    model = FeedModel(
        [FeedColumn("Number", lambda line: str(line.id))], lambda ids: [*map(Line, ids)]
    )
    table = MarkedTable(theme, stretch=0, preferred_width=100)
    table.setModel(model)
    qtbot.addWidget(table)
    model.show(array("q", [1]))

    assert table.grab().size().isValid()
    assert table.tooltip_of(model.index(0, 0)) == ""


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_marks_can_be_seen_and_texts_read(colours: Colours) -> None:
    """Every text of a row is readable on each background, and each bar is visible."""
    for mark in MARKS:
        soft, strong = mark_colours(colours, mark)
        for text in ("text", "muted", "warning"):
            assert contrast(QColor(getattr(colours, text)).name(), soft.name()) >= 4.5
        assert contrast(strong.name(), colours.surface) >= 3

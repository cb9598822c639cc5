"""The table of highlight rules keeps their order, which the keyboard changes."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.services.connections import HighlightRule
from ibconsole.ui.list_display.highlight_table import HighlightRulesModel, HighlightRulesTable
from ibconsole.ui.toolkit.theme import LIGHT, Theme

STOP, PULLED = HighlightRule("keyword:STOP", "danger", "Stop"), HighlightRule("via:pull", "info")


@pytest.fixture
def model(qtmodeltester: ModelTester) -> HighlightRulesModel:
    model = HighlightRulesModel()
    qtmodeltester.check(model)
    model.show_rows([STOP, PULLED])
    return model


def cells(model: HighlightRulesModel) -> list[tuple[str, str]]:
    return [
        (model.index(row, 0).data(), model.index(row, 1).data()) for row in range(model.rowCount())
    ]


def test_rules(model: HighlightRulesModel) -> None:
    """Rules have their name or filter, and the number of their matches until they change."""
    model.show_matches({0: 1200})
    assert cells(model) == [("Stop", "1,200"), ("via:pull", "")]

    model.insert(1, HighlightRule("", "ok"))
    model.edit(1, text="x", colour="violet")
    model.edit(1, text="x")
    model.move(1, 0)
    model.move(0, -1)
    assert model.rows == [HighlightRule("x", "violet"), STOP, PULLED]
    model.move(0, 1)
    model.remove(2)
    model.edit(1, text="")
    assert cells(model) == [("Stop", ""), ("New rule", "")]
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    assert model.index(0, 1).data(Qt.ItemDataRole.TextAlignmentRole) == right
    headers = [model.headerData(one, Qt.Orientation.Horizontal) for one in (0, 1)]
    assert headers == ["Rule", "Matches"]
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    model.show_rows([])
    model.show_matches({})


def test_keys_and_colours(theme: Theme, qtbot: QtBot) -> None:
    """Alt with an arrow moves a rule, Delete removes it; each row has its colour."""
    table = HighlightRulesTable(theme)
    qtbot.addWidget(table)
    table.rules.show_rows([STOP, PULLED])
    table.resize(300, 200)
    table.setCurrentIndex(table.rules.index(1, 0))
    moves: list[int] = []
    table.move_requested.connect(moves.append)

    qtbot.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    with qtbot.waitSignal(table.removal_requested):
        qtbot.keyClick(table, Qt.Key.Key_Delete)
    qtbot.keyClick(table, Qt.Key.Key_Up)

    assert (moves, table.row) == ([-1, 1], 0)
    image = table.viewport().grab().toImage()
    assert image.pixelColor(1, table.rowViewportPosition(0) + 5).name() == LIGHT.danger
    assert image.pixelColor(150, table.rowViewportPosition(1) + 5).name() == LIGHT.info_soft

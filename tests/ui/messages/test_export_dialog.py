"""The dialog before an export."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter
from ibconsole.services.connections import JsonColumn
from ibconsole.services.messages.export import ExportOptions, Format
from ibconsole.ui.messages.export_dialog import ExportDialog, columns_name
from ibconsole.ui.toolkit.theme import ROW_HEIGHT, Theme


def open_dialog(
    theme: Theme, qtbot: QtBot, shown: Filter, selected: Sequence[int] = ()
) -> ExportDialog:
    dialog = ExportDialog(shown, 1200, selected, theme)
    qtbot.addWidget(dialog)
    return dialog


def test_everything_by_default(theme: Theme, qtbot: QtBot) -> None:
    """Without a filter all messages are exported, codes masked."""
    dialog = open_dialog(theme, qtbot, Filter())

    assert not dialog.listed.isEnabled()
    assert dialog.options == ExportOptions(Format.JSONL, Filter(), reveal_codes=False)


def test_filter_of_the_list(theme: Theme, qtbot: QtBot) -> None:
    """The list's filter is offered first; a time narrows it down."""
    dialog = open_dialog(theme, qtbot, Filter(text="old"))
    assert dialog.listed.text() == "The 1,200 that match the filter"
    dialog.since.setChecked(True)
    options = dialog.options
    assert options.criteria.text == "old"
    assert options.criteria.since == dialog.since_at.dateTime().toMSecsSinceEpoch()
    assert options.criteria.until is None

    dialog.all.setChecked(True)
    assert dialog.options.criteria.text == ""


def test_selected_messages(theme: Theme, qtbot: QtBot) -> None:
    """The selected messages can be exported, whenever they arrived."""
    assert not open_dialog(theme, qtbot, Filter()).selected.isEnabled()

    dialog = open_dialog(theme, qtbot, Filter(text="old"), [7, 3])
    assert dialog.listed.isChecked()
    assert dialog.selected.text() == "The 2 selected messages"
    dialog.until.setChecked(True)
    dialog.selected.setChecked(True)
    assert dialog.options.criteria == Filter(ids=(7, 3))
    assert not dialog.until.isEnabled()

    assert open_dialog(theme, qtbot, Filter(), [7]).selected.text() == "The selected message"


def test_matches_that_are_not_counted_yet(theme: Theme, qtbot: QtBot) -> None:
    """While the matches are counted, they are offered without a number."""
    dialog = ExportDialog(Filter(text="old"), None, [], theme)
    qtbot.addWidget(dialog)

    assert dialog.listed.text() == "Those that match the filter"
    assert dialog.options.criteria == Filter(text="old")


def test_columns_from_json_paths(theme: Theme, qtbot: QtBot) -> None:
    """The added columns of the list are in a spreadsheet unless they are not wanted."""
    columns = (JsonColumn("Order", "$.order"), JsonColumn("To", "$.to"))
    dialog = open_dialog(theme, qtbot, Filter())
    assert dialog.added.isHidden()
    dialog.offer_columns(columns)
    assert (dialog.added.text(), dialog.options.columns) == (
        "With the 2 columns from JSON paths",
        (),
    )

    dialog.format.setCurrentText("Excel (.xlsx)")
    assert dialog.options.columns == columns
    dialog.added.setChecked(False)
    assert dialog.options == ExportOptions(Format.XLSX)
    assert columns_name(1) == "With the column from JSON paths"


def test_fields_are_aligned(theme: Theme, qtbot: QtBot) -> None:
    """What belongs together begins at the same place, and nothing is far apart."""
    dialog = open_dialog(theme, qtbot, Filter())
    dialog.show()

    assert dialog.since_at.geometry().left() == dialog.until_at.geometry().left()
    assert dialog.since_at.width() == dialog.until_at.width()
    left = {
        widget.mapTo(dialog, QPoint()).x()
        for widget in (dialog.all, dialog.since, dialog.until, dialog.format, dialog.explanation)
    }
    assert len(left) == 1
    gap = dialog.explanation.geometry().top() - dialog.format.geometry().bottom()
    assert gap < ROW_HEIGHT / 2


@pytest.mark.parametrize(
    ("name", "format_", "suffix", "always_revealed"),
    [
        ("JSON Lines", Format.JSONL, "jsonl", False),
        ("CSV for spreadsheets", Format.CSV, "csv", False),
        ("Raw bodies (.tar)", Format.RAW, "tar", True),
    ],
)
def test_formats(
    theme: Theme, qtbot: QtBot, name: str, format_: Format, suffix: str, *, always_revealed: bool
) -> None:
    """Each format has its suffix and explanation; raw bodies always hold readable codes."""
    dialog = open_dialog(theme, qtbot, Filter())
    dialog.format.setCurrentText(name)

    assert (dialog.options.format, dialog.suffix) == (format_, suffix)
    assert dialog.options.reveal_codes is always_revealed
    assert dialog.revealed.isEnabled() is not always_revealed
    assert dialog.explanation.text()

"""The dialog before an export."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter
from ibconsole.services.messages.export import ExportOptions, Format
from ibconsole.ui.messages.export_dialog import ExportDialog
from ibconsole.ui.toolkit.theme import Theme


def open_dialog(theme: Theme, qtbot: QtBot, shown: Filter) -> ExportDialog:
    dialog = ExportDialog(shown, 1200, theme)
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
    assert dialog.listed.text() == "The 1,200 that are listed"
    dialog.since.setChecked(True)
    options = dialog.options
    assert options.criteria.text == "old"
    assert options.criteria.since == dialog.since_at.dateTime().toMSecsSinceEpoch()
    assert options.criteria.until is None

    dialog.all.setChecked(True)
    assert dialog.options.criteria.text == ""


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

"""The questions before something is pinned, and before a note is added."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.services.evidence.cases.store import CaseSummary
from ibconsole.ui.evidence.pin_dialog import NoteDialog, PinDialog
from ibconsole.ui.toolkit.theme import Theme


def test_the_first_case_is_named(theme: Theme, qtbot: QtBot) -> None:
    """Without a case Enter begins one with the suggested title; a title is needed."""
    dialog = PinDialog("the message", [], "Acme, 2026-11-30", theme)
    qtbot.addWidget(dialog)
    created: list[str] = []
    dialog.created.connect(created.append)
    dialog.show()
    assert not dialog.existing.isEnabled()
    dialog.title.setText("  ")
    assert not dialog.pin.isEnabled()
    qtbot.keyClicks(dialog.title, "ZD-4711 ")
    qtbot.keyClick(dialog.title, Qt.Key.Key_Return)
    assert created == ["ZD-4711"]


def test_an_existing_case_is_offered_first(theme: Theme, qtbot: QtBot) -> None:
    """A user with cases chooses one; typing a title means a new one."""
    cases = [CaseSummary(id=f"c{number}", title=f"Case {number}") for number in range(2)]
    dialog = PinDialog("the message", cases, "", theme)
    qtbot.addWidget(dialog)
    chosen: list[str] = []
    dialog.chosen.connect(chosen.append)
    assert dialog.existing.isChecked()
    dialog.choice.setCurrentIndex(1)
    qtbot.keyClicks(dialog.title, "x")
    assert dialog.new.isChecked()
    dialog.choice.activated.emit(1)
    dialog.pin.click()
    assert chosen == ["c1"]


def test_a_note_has_a_text(theme: Theme, qtbot: QtBot) -> None:
    """An empty note cannot be added; Ctrl+Enter adds one."""
    dialog = NoteDialog("A case", theme)
    qtbot.addWidget(dialog)
    written: list[str] = []
    dialog.written.connect(written.append)
    dialog.text.setPlainText(" \n")
    assert not dialog.add.isEnabled()
    dialog.text.setPlainText("It began on Monday.\n")
    dialog.add.click()
    assert written == ["It began on Monday."]

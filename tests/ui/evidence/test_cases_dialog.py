"""The dialog of the cases."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.evidence.cases.store import CaseSummary
from ibconsole.ui.evidence.cases_dialog import CasesDialog, deleted_sentence, removed_sentence
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.unit.services.evidence.cases.samples import full_case

OTHER = CaseSummary(id="other", title="Another", created_at=1, changed_at=2, items=3)
BROKEN = CaseSummary(id="broken", problem="The case broken cannot be read.")


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme) -> CasesDialog:
    display = TimeDisplay()
    dialog = CasesDialog(theme, display)
    display.setParent(dialog)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_states(dialog: CasesDialog, tmp_path: Path) -> None:
    """Nothing, a list that cannot be read, a damaged case, and a failed change are all said."""
    dialog.show_loading()
    dialog.show_failed(UserError("The cases cannot be read: no access."))
    assert "no access" in dialog.notice.sentence.text()
    dialog.show_cases([], "")
    assert dialog.notice.action.text() == "New case"
    assert not dialog.delete.isEnabled()
    assert not dialog.export.isEnabled()

    store, case = full_case(tmp_path)
    dialog.show_cases([*store.list(), OTHER, BROKEN], case.id, "broken")
    dialog.show_case(case)
    assert dialog.case is None
    dialog.show_unreadable(UserError("It cannot be read."))
    assert dialog.notice.sentence.text() == "It cannot be read."
    assert dialog.delete.isEnabled()
    assert not dialog.note.isEnabled()

    dialog.show_cases(store.list(), case.id, case.id)
    dialog.show_case(case)
    assert dialog.is_current.isChecked()
    assert dialog.cases.model().index(0, 0).data() == "● Nothing arrives at Kestrel"
    dialog.show_failed(UserError("Another ibconsole is writing."))
    assert dialog.banner.text.text() == "Another ibconsole is writing."
    assert dialog.title.isVisible()
    dialog.cases.select_records()
    dialog.cases.selection_changed.emit()
    assert dialog.notice.sentence.text() == "Choose a case."


def test_what_the_user_asks_for(dialog: CasesDialog, qtbot: QtBot, tmp_path: Path) -> None:
    """Every change is named with its case, by keys and by buttons."""
    store, case = full_case(tmp_path)
    asked: list[tuple[object, ...]] = []
    signals = {
        "renamed": dialog.renamed,
        "current": dialog.current_toggled,
        "delete": dialog.deletion_requested,
        "export": dialog.export_requested,
        "note": dialog.note_requested,
        "move": dialog.moved,
        "remove": dialog.removal_requested,
        "comment": dialog.commented,
        "undo": dialog.undo_requested,
    }
    for name, signal in signals.items():
        signal.connect(lambda *of, name=name: asked.append((name, *of)))
    dialog.show_cases(store.list(), "")
    dialog.show_case(case)
    assert not dialog.up.isEnabled()
    dialog.title.setText(" ")
    dialog.title.editingFinished.emit()
    assert dialog.title.text() == case.title
    dialog.title.setText(" ZD-4711  late")
    dialog.title.editingFinished.emit()
    dialog.is_current.click()
    dialog.down.trigger()
    qtbot.keyClick(dialog.items, Qt.Key.Key_Return)
    dialog.details.comment.setPlainText("Look")
    dialog.remove.trigger()
    dialog.show_removed(removed_sentence("A message"))
    dialog.banner.action.click()
    dialog.note.trigger()
    dialog.undo.trigger()
    dialog.delete.click()
    dialog.details.comment.setPlainText("Look again")
    dialog.export.click()

    ours = case.id
    assert asked == [
        ("renamed", ours, "ZD-4711 late"),
        ("current", ours, True),
        ("move", ours, "i-1", 1),
        ("comment", ours, "i-1", "Look"),
        ("remove", ours, "i-1"),
        ("undo",),
        ("note", ours),
        ("undo",),
        ("delete", ours),
        ("comment", ours, "i-1", "Look again"),
        ("renamed", ours, "ZD-4711 late"),
        ("export", ours),
    ]
    assert deleted_sentence("A", 2).startswith("The case “A” with 2 items was deleted")

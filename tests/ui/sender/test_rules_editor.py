"""The editor of pasted rules."""

import pytest
from PySide6.QtCore import QMimeData
from pytestqt.qtbot import QtBot

from ibconsole.ui.sender.rules_editor import RulesEditor


@pytest.fixture
def editor(qtbot: QtBot) -> RulesEditor:
    editor = RulesEditor()
    qtbot.addWidget(editor)
    return editor


def paste(editor: RulesEditor, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    editor.insertFromMimeData(data)


def test_a_small_paste_is_edited_as_text(editor: RulesEditor) -> None:
    """Rules are pasted at the cursor, and can be edited."""
    paste(editor, "1.2.3.0/24\n")
    paste(editor, "5.6.7.0/24")

    assert editor.rules == "1.2.3.0/24\n5.6.7.0/24"
    assert not editor.isReadOnly()


@pytest.mark.parametrize("text", ["1.2.3.4\n" * 1_300_000, "1.2.3.4," * 1_300_000])
def test_a_large_paste_is_held_and_not_laid_out(editor: RulesEditor, text: str) -> None:
    """Of 10 MB the beginning is shown, whatever the lines; the whole is compared."""
    paste(editor, text)

    assert editor.is_cut
    assert editor.isReadOnly()
    assert len(editor.toPlainText()) < 5_000
    assert editor.rules == text
    editor.show_rules("")
    assert (editor.rules, editor.isReadOnly()) == ("", False)


def test_many_pastes_become_a_large_one(editor: RulesEditor) -> None:
    """What was pasted before a large paste is kept."""
    paste(editor, "9.9.9.9")
    paste(editor, "1.2.3.4\n" * 20_000)

    assert editor.rules.startswith("9.9.9.9\n1.2.3.4\n")
    assert len(editor.rules) > 160_000

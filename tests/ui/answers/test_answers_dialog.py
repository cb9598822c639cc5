import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.answer_files import PRESETS, AnswerScenario, read_answer_file
from ibconsole.services.documents import InvalidDocument
from ibconsole.ui.answers.answers_dialog import AnswersDialog
from ibconsole.ui.toolkit.theme import Theme

FLAKY = PRESETS["flaky 20 %"]


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> AnswersDialog:
    dialog = AnswersDialog(FLAKY, theme)
    qtbot.addWidget(dialog)
    return dialog


def type_into(dialog: AnswersDialog, field: str, text: str) -> None:
    line = dialog.form.inputs[field]
    assert isinstance(line, QLineEdit)
    line.setText(text)


def test_a_scenario_is_edited(dialog: AnswersDialog, qtbot: QtBot) -> None:
    """Rules are added, copied, moved and removed; what is used is what is shown."""
    assert dialog.scenario == FLAKY
    dialog.add.click()
    type_into(dialog, "name", "stop")
    type_into(dialog, "keyword", "STOP")
    dialog.up.click()
    assert (dialog.up.isEnabled(), dialog.down.isEnabled()) == (False, True)
    dialog.duplicate.click()
    dialog.duplicate.click()
    dialog.remove.click()
    dialog.speed.setText("60")

    with qtbot.waitSignal(dialog.chosen) as emitted:
        dialog.use.click()

    (scenario,) = emitted.args
    assert [one.name for one in scenario.rules] == ["stop", "stop 2", FLAKY.rules[0].name]
    assert [one.when.keyword for one in scenario.rules] == ["STOP", "STOP", ""]
    assert (scenario.name, scenario.speed) == (FLAKY.name, 60.0)


def test_rules_are_moved_and_removed_by_keys(dialog: AnswersDialog) -> None:
    """Alt and an arrow moves the selected rule, as far as there is room; Delete removes it."""
    dialog.add.click()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Up):
        QTest.keyClick(dialog.table, key, Qt.KeyboardModifier.AltModifier)
    names = [one.name for one in dialog.scenario.rules]
    assert names == ["rule 1", FLAKY.rules[0].name]

    QTest.keyClick(dialog.table, Qt.Key.Key_Delete)
    QTest.keyClick(dialog.table, Qt.Key.Key_Delete)
    QTest.keyClick(dialog.table, Qt.Key.Key_Delete)
    assert dialog.scenario.rules == ()


def test_what_is_wrong_is_said_below_the_field(dialog: AnswersDialog) -> None:
    """Rules that cannot be used are neither used nor saved, and the bottom says how many."""
    type_into(dialog, "status", "99")
    type_into(dialog, "share", "lots")
    dialog.speed.setText("fast")
    dialog.name.clear()

    assert (dialog.use.isEnabled(), dialog.save.isEnabled()) == (False, False)
    assert dialog.form.inputs["share"].property("wrong") == "true"
    assert dialog.problem.text() == (
        "A name has 1 to 100 printable characters. The speed is a number, 1 if it is empty. 1 rule"
        " cannot be used as it is."
    )
    dialog.show_scenario(FLAKY)
    assert (dialog.use.isEnabled(), dialog.problem.text()) == (True, "")


def test_a_new_scenario_and_one_without_rules(theme: Theme, qtbot: QtBot) -> None:
    """Where nothing was set there is one to begin with; all of them can be removed."""
    dialog = AnswersDialog(None, theme)
    qtbot.addWidget(dialog)
    assert [one.answer.status for one in dialog.scenario.rules] == [503]

    dialog.remove.click()

    assert dialog.scenario.rules == ()
    assert not dialog.form.isEnabled()
    assert not dialog.remove.isEnabled()
    assert dialog.use.isEnabled()


def test_a_file_that_cannot_be_loaded(dialog: AnswersDialog) -> None:
    """Its problems are listed with their places, and the rules stay."""
    with pytest.raises(InvalidDocument) as raised:
        read_answer_file(b"version: 2\nrules: {}", "s.yaml")
    dialog.show_not_loaded(raised.value)

    assert dialog.banner.text.text() == "The file has 2 problems; the rules here stay."
    assert "s.yaml:1:10: version has to be 1" in dialog.banner.details.toPlainText()
    dialog.show_not_loaded(UserError("x cannot be read."))
    assert dialog.banner.text.text() == "x cannot be read. The rules here stay."
    dialog.show_saved("Saved as x.yaml.")
    assert dialog.scenario == FLAKY


def test_the_seed_of_a_file_is_kept(theme: Theme, qtbot: QtBot) -> None:
    """Loaded and saved again, a scenario chooses the same requests."""
    scenario = AnswerScenario("n", FLAKY.rules, 2.0, 77)
    dialog = AnswersDialog(scenario, theme)
    qtbot.addWidget(dialog)

    with qtbot.waitSignal(dialog.save_requested) as emitted:
        dialog.save.click()

    assert emitted.args == [scenario]

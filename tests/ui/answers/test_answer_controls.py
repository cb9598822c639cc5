from pytestqt.qtbot import QtBot

from ibconsole.clock import now_ms
from ibconsole.services.answer_files import PRESETS
from ibconsole.services.runtime import AnswersStatus
from ibconsole.ui.answers.answer_controls import AnswerControls
from ibconsole.ui.toolkit.theme import Theme


def test_presets_are_in_the_menu(theme: Theme, qtbot: QtBot) -> None:
    """The menu and the palette offer each preset, the dialog, and the usual answer."""
    controls = AnswerControls(theme)
    qtbot.addWidget(controls)

    names = [action.text() for action in controls.menu.actions() if action.text()]
    assert names == [
        *(f"Answer: {name}" for name in PRESETS),
        "Edit answers…",
        "Answer 200 again",
    ]
    with qtbot.waitSignal(controls.preset_requested) as emitted:
        controls.presets["slow"].trigger()
    assert emitted.args == ["slow"]
    with qtbot.waitSignal(controls.edit_requested):
        controls.edit.trigger()


def test_one_click_back(theme: Theme, qtbot: QtBot) -> None:
    """While rules are set, a row says so and ends them; afterwards it is gone."""
    controls = AnswerControls(theme)
    qtbot.addWidget(controls)
    qtbot.addWidget(controls.row)
    assert controls.row.isHidden()
    assert controls.reset.disabled_reason == "Every request is answered 200 already."

    now = now_ms()
    controls.show_answers(AnswersStatus("down", now, now + 600_000, "down: status 503"))
    assert controls.text.text() in {"Answers: down, 10:00 left", "Answers: down, 9:59 left"}
    with qtbot.waitSignal(controls.reset_requested):
        controls.usual.click()

    controls.show_answers(AnswersStatus("down", now, now - 1))
    assert controls.text.text() == "Answers: down is over, 200 again"
    assert controls.usual.text() == "Remove the rules"
    controls.show_answers(None)
    assert controls.row.isHidden()

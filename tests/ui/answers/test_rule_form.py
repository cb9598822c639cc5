from pytestqt.qtbot import QtBot

from ibconsole.services.answer_files import PRESETS, AnswerEnd
from ibconsole.ui.answers.rule_fields import RuleFields, fields_of
from ibconsole.ui.answers.rule_form import RuleForm
from ibconsole.ui.toolkit.theme import Theme


def test_what_is_filled_in_is_read(theme: Theme, qtbot: QtBot) -> None:
    """The form has a field for each text, and filling it is no change by the user."""
    form = RuleForm()
    qtbot.addWidget(form)
    fields = RuleFields(**{name: f"x{name}" for name in form.inputs}, end="hang")
    assert set(form.inputs) | {"end"} == set(RuleFields.__struct_fields__)

    with qtbot.assertNotEmitted(form.changed):
        form.fill(fields)

    assert form.fields == fields
    with qtbot.waitSignal(form.changed):
        form.name.setText("other")
    assert form.fields.name == "other"


def test_fields_that_matter_are_shown(theme: Theme, qtbot: QtBot) -> None:
    """Where no status is sent there is no field for it, unless it has a problem."""
    form = RuleForm()
    qtbot.addWidget(form)
    form.fill(fields_of(PRESETS["401"].rules[0]))

    def hidden() -> set[str]:
        return {name for name, widget in form.inputs.items() if widget.isHidden()}

    assert hidden() == {"duration", "declared_length"}
    form.end.setCurrentIndex(form.end.findData(AnswerEnd.HANG.value))
    assert hidden() == {"status", "headers", "body", "declared_length"}
    form.show_problems({"status": "A status is from 200 to 599, not 0.", "last": "Whole."})
    form.end.setCurrentIndex(form.end.findData(AnswerEnd.CLOSE.value))
    assert hidden() == {"headers", "body", "declared_length", "duration"}
    assert form.inputs["status"].property("wrong") == "true"
    assert form.inputs["last"].property("wrong") == "true"
    assert not form.inputs["first"].property("wrong")

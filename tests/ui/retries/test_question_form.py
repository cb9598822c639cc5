"""The fields of a retry simulation."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.services.answer_files import PRESETS
from ibconsole.services.retry_simulation import (
    EndpointState,
    RetryQuestion,
    read_segments,
    scenario_of,
)
from ibconsole.ui.retries.question_form import RetryForm
from ibconsole.ui.toolkit.theme import Theme


@pytest.fixture
def form(theme: Theme, qtbot: QtBot) -> RetryForm:
    form = RetryForm(theme)
    qtbot.addWidget(form)
    return form


def question(form: RetryForm) -> RetryQuestion:
    assert form.question
    return form.question


def test_the_fields_ask_a_question(form: RetryForm, qtbot: QtBot) -> None:
    """Every change asks another one; the law is explained with its label."""
    assert "Assumed" in form.note.text()

    with qtbot.waitSignal(form.changed):
        form.law.setCurrentText("10s, 1m")
    form.messages.setValue(3)
    form.every.setText("2 min")
    form.timeout.setText("5 s")
    form.behaviour.setText("error 1 h")

    found = question(form)
    assert (found.sender.law.delays, found.sender.timeout) == ((10.0, 60.0), 5.0)
    assert found.arrivals == (0.0, 120.0, 240.0)
    assert found.scenario == scenario_of(read_segments("error 1 h"))


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("behaviour", "down", "Write one of up, error, hang, slow"),
        ("law", "soon", "not a valid"),
        ("every", "soon", "not a valid duration"),
        ("timeout", "", "not a valid duration"),
    ],
)
def test_what_is_not_valid_is_said(form: RetryForm, field: str, text: str, sentence: str) -> None:
    """Below the fields, and nothing is asked."""
    widget = getattr(form, field)
    (widget.setCurrentText if field == "law" else widget.setText)(text)

    assert form.question is None
    assert sentence in form.problem
    assert form.note.text() == form.problem


def test_drawing_changes_the_words(form: RetryForm) -> None:
    """The words are the drawing, and a preset is left for it; all of it can be drawn away."""
    form.behaviour.setText("")
    assert question(form).scenario.rules == ()
    form.draw(60, 120, EndpointState.ERROR)
    assert form.behaviour.text() == "up 1 min, error 1 min"
    form.draw(0, 600, EndpointState.UP)
    assert form.behaviour.text() == "up"

    form.endpoint.setCurrentText("401")
    assert question(form).scenario == PRESETS["401"]
    usable = [form.behaviour.isEnabled()]
    form.draw(0, 60, EndpointState.HANG)
    assert form.behaviour.text() == "hang 1 min"
    assert [*usable, form.behaviour.isEnabled()] == [False, True]


def test_a_scenario_is_opened(form: RetryForm) -> None:
    """What was drawn can be drawn on; everything else is one more choice."""
    form.show_scenario("mine.yaml", scenario_of(read_segments("slow 1 h")))
    assert form.behaviour.text() == "slow 1 h"

    form.show_scenario("flaky.yaml", PRESETS["flaky 20 %"])
    form.show_scenario("flaky.yaml", PRESETS["401"])
    assert form.endpoint.currentText() == "flaky.yaml"
    assert question(form).scenario == PRESETS["401"]
    assert form.endpoint.count() == 2 + len(PRESETS)


def test_tools_and_spans_are_chosen(form: RetryForm, qtbot: QtBot) -> None:
    """The state that the mouse draws, and the time that is shown."""
    with qtbot.waitSignal(form.tool_chosen) as tool:
        form.tools[EndpointState.SLOW].click()
    assert tool.args == [EndpointState.SLOW]
    with qtbot.waitSignal(form.span_chosen) as span:
        form.span.setCurrentText("6 h")
    assert span.args == [21_600]

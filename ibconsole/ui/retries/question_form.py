"""The fields of a retry simulation: endpoint, law, messages, and the time-out of the sender."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.services.answer_files import PRESETS, AnswerScenario
from ibconsole.services.retry_law import read_law
from ibconsole.services.retry_simulation import (
    EndpointState,
    InvalidBehaviour,
    RetryQuestion,
    SenderTraits,
    paint_segment,
    read_segments,
    scenario_of,
    segments_of,
    spread_arrivals,
    write_segments,
)
from ibconsole.services.runtime import parse_duration
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import PushButton, paragraph, set_tone

_DRAWN = "Drawn"
_FIRST = "up 30 min, error 2 h"
_MOST = 1_000  # messages that a chart and a table show well
_SPANS = {"all": 0.0, "1 h": 3_600.0, "6 h": 21_600.0, "1 day": 86_400.0, "2 days": 172_800.0}


class RetryForm(QWidget):
    """Fields whose values make a question; `changed` follows every change of it.

    `problem` is a sentence on what is not valid, which is shown below the fields. `tool_chosen`
    carries the state that the mouse draws, `span_chosen` the seconds to show, 0 for all.
    """

    changed = Signal()
    open_requested = Signal()
    tool_chosen = Signal(object)
    span_chosen = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scenarios: dict[str, AnswerScenario] = dict(PRESETS)
        self.problem = ""
        self.endpoint = QComboBox()
        self.endpoint.addItems([_DRAWN, *PRESETS])
        self.open = PushButton("Open scenario…", theme)
        self.behaviour = QLineEdit(_FIRST)
        self.law = QComboBox(editable=True)
        self.law.addItems(["published", "10s, 1m, 5m, 30m, 2h", "none"])
        self.messages = QSpinBox(minimum=1, maximum=_MOST, value=10)
        self.every = QLineEdit("15 min")
        self.timeout = QLineEdit("10 s")
        self.span = QComboBox()
        self.span.addItems(list(_SPANS))
        self.tools = {state: QRadioButton(state.value) for state in EndpointState}
        self.note = paragraph("", tone=Severity.MUTED)
        self._lay_out()
        self._connect()
        self._read()

    @property
    def question(self) -> RetryQuestion | None:
        """The question that the fields ask; None if they are not valid."""
        return self._question

    def draw(self, start: float, end: float, state: object) -> None:
        """Draw a state of the endpoint over what is there; a preset is replaced if need be."""
        scenario = self._question.scenario if self._question else AnswerScenario("", ())
        drawn = segments_of(scenario) or ()
        wanted = EndpointState(str(state))
        self.endpoint.setCurrentText(_DRAWN)
        self.behaviour.setText(write_segments(paint_segment(drawn, start, end, wanted)) or "up")

    def show_scenario(self, name: str, scenario: AnswerScenario) -> None:
        """Choose a scenario that was opened; what can be drawn is offered for drawing."""
        if drawn := segments_of(scenario):
            self.endpoint.setCurrentText(_DRAWN)
            self.behaviour.setText(write_segments(drawn))
            return
        self._scenarios[name] = scenario
        if self.endpoint.findText(name) < 0:
            self.endpoint.addItem(name)
        self.endpoint.setCurrentText(name)
        self._read()

    def show_problem(self, sentence: str) -> None:
        """Show what cannot be simulated, in place of the law's explanation."""
        self.problem = sentence
        self.note.setText(sentence)
        set_tone(self.note, Severity.DANGER)

    def _read(self) -> None:
        """Read all fields again."""
        is_drawn = self.endpoint.currentText() == _DRAWN
        self.behaviour.setEnabled(is_drawn)
        self._question: RetryQuestion | None = None
        try:
            question = RetryQuestion(
                self._scenario(),
                SenderTraits(read_law(self.law.currentText()), parse_duration(self.timeout.text())),
                spread_arrivals(self.messages.value(), parse_duration(self.every.text())),
            )
        except UserError as error:
            self.show_problem(str(error))
        else:
            self._question = question
            self.problem = ""
            self.note.setText(f"Law: {question.sender.law.sentence}")
            set_tone(self.note, Severity.MUTED)
        self.changed.emit()

    def _scenario(self) -> AnswerScenario:
        name = self.endpoint.currentText()
        if name != _DRAWN:
            return self._scenarios[name]
        try:
            return scenario_of(read_segments(self.behaviour.text()))
        except InvalidBehaviour:
            if not self.behaviour.text().strip():
                return scenario_of(())
            raise

    def _connect(self) -> None:
        self.endpoint.currentTextChanged.connect(self._read)
        self.behaviour.textChanged.connect(self._read)
        self.law.currentTextChanged.connect(self._read)
        self.messages.valueChanged.connect(self._read)
        self.every.textChanged.connect(self._read)
        self.timeout.textChanged.connect(self._read)
        self.open.clicked.connect(self.open_requested)
        self.span.currentTextChanged.connect(lambda name: self.span_chosen.emit(_SPANS[name]))
        for state, tool in self.tools.items():
            tool.clicked.connect(partial(self._on_tool_clicked, state))

    def _on_tool_clicked(self, state: EndpointState) -> None:
        self.tool_chosen.emit(state)

    def _lay_out(self) -> None:
        self.tools[EndpointState.ERROR].setChecked(True)
        group = QButtonGroup(self)
        tools = QHBoxLayout()
        tools.setSpacing(2 * SPACE)
        for number, (state, tool) in enumerate(self.tools.items(), start=1):
            tool.setAccessibleName(f"The mouse draws {state}")
            tool.setToolTip(f"On the chart the key {number} draws it")
            group.addButton(tool)
            tools.addWidget(tool)
        tools.addStretch(1)
        endpoint = _row(self.endpoint, self.open)
        sender = _row(self.messages, QLabel("every"), self.every, QLabel("time-out"), self.timeout)
        rows: Mapping[str, tuple[QWidget | QHBoxLayout, ...]] = {
            "Endpoint": (endpoint, QLabel("Draw"), tools),
            "In words": (self.behaviour, QLabel("Show"), self.span),
            "Retry law": (self.law, QLabel("Messages"), sender),
        }
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * SPACE)
        grid.setVerticalSpacing(2 * SPACE)
        for row, (name, parts) in enumerate(rows.items()):
            for column, part in enumerate((QLabel(name), *parts)):
                if isinstance(part, QWidget):
                    grid.addWidget(part, row, column)
                else:
                    grid.addLayout(part, row, column)
        grid.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(grid)
        layout.addWidget(self.note)
        self._name_fields()

    def _name_fields(self) -> None:
        names: Mapping[QWidget, str] = {
            self.endpoint: "Endpoint",
            self.behaviour: "Behaviour of the endpoint in words",
            self.law: "Retry law",
            self.messages: "Number of messages",
            self.every: "Time between two messages",
            self.timeout: "Time-out of the sender",
            self.span: "Time that is shown",
        }
        for widget, name in names.items():
            widget.setAccessibleName(name)
        if edit := self.law.lineEdit():
            edit.setAccessibleName("Retry law")
        self.behaviour.setPlaceholderText("up 1 h, error 2 h, hang 30 min, slow 5 min")
        self.law.setToolTip("10s, 1m, 5m · 1m + 1m * n^2, 20 retries · published · none")
        for field in (self.every, self.timeout):
            field.setMaximumWidth(80)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(2 * SPACE)
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, QComboBox) else 0)
    return row

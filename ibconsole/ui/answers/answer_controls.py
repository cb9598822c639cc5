"""The controls of the listener's answers: a menu with presets, and a row while rules are set."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from ibconsole.clock import now_ms
from ibconsole.services.answer_files import PRESETS
from ibconsole.services.runtime import AnswersStatus
from ibconsole.ui.toolkit import (
    SPACE,
    Command,
    Group,
    Indicator,
    Theme,
    describe_answers,
    plain_tooltip,
)
from ibconsole.ui.widgets import ElidedLabel, PushButton, StateDot

_USUAL = "Every request is answered 200 already."
_NAME = "How the listener answers"


class AnswerControls(QWidget):
    """The button with the menu; `row` says which rules are set, and ends them with one click.

    The row is a widget of its own, for another place: it is hidden while nothing is set.
    """

    preset_requested = Signal(str)
    edit_requested = Signal()
    reset_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answers: AnswersStatus | None = None
        self.menu = QMenu(self)
        self.button = PushButton("Answers", theme, icon_name="send")
        self.row = QWidget()
        self.dot = StateDot(theme)
        self.text = ElidedLabel()
        self.usual = PushButton("Answer 200 again", theme)
        self.presets = {
            name: self._command(f"Answer: {name}", partial(self.preset_requested.emit, name))
            for name in PRESETS
        }
        self.edit = self._command("Edit answers…", self.edit_requested.emit)
        self.reset = self._command("Answer 200 again", self.reset_requested.emit)
        self.commands = (*self.presets.values(), self.edit, self.reset)
        self._lay_out()
        self.usual.follow(self.reset)
        self.show_answers(None)

    def show_answers(self, answers: AnswersStatus | None) -> None:
        """Show which rules are set, None for the usual answers."""
        self._answers = answers
        at_reset = self.window().focusWidget() is self.usual
        self.row.setVisible(answers is not None)
        self.reset.set_disabled_reason("" if answers else _USUAL)
        if at_reset and answers is None:
            self.button.setFocus()
        self.show_time()

    def show_time(self) -> None:
        """Show the time that is left of the rules."""
        if self._answers is None:
            return
        state = describe_answers(self._answers, now_ms())
        self.dot.show_state(state.indicator, state.text)
        self.text.setText(state.text)
        self.text.setToolTip(plain_tooltip(state.details))
        is_over = state.indicator is Indicator.OFF
        self.usual.setText("Remove the rules" if is_over else "Answer 200 again")

    def _command(self, name: str, run: object) -> Command:
        assert callable(run), "a slot or a signal"  # noqa: S101
        return Command(name, Group.LISTENER, run, parent=self)

    def _lay_out(self) -> None:
        for command in self.presets.values():
            self.menu.addAction(command)
        self.menu.addSeparator()
        self.menu.addAction(self.edit)
        self.menu.addAction(self.reset)
        self.button.setMenu(self.menu)
        self.button.setAccessibleName(_NAME)
        self.text.setAccessibleName("Answers of the listener")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)
        row = QHBoxLayout(self.row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACE)
        row.addWidget(self.dot)
        row.addWidget(self.text, 1)
        row.addWidget(self.usual)

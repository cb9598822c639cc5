"""The dialog that edits a scenario of answers: the rules in order, and the form of one of them."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.answer_files import (
    AnswerRule,
    AnswerScenario,
    RuleAnswer,
)
from ibconsole.services.documents import InvalidDocument
from ibconsole.ui.answers.rule_form import RuleForm
from ibconsole.ui.answers.rules_table import RulesTable, draft_of
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import (
    Banner,
    ButtonKind,
    IconButton,
    PushButton,
    Splitter,
    heading,
    muted,
    paragraph,
    set_tone,
)

_SIZE = (1000, 620)
_EXPLANATION = (
    "The first rule that matches a request decides; without one the answer is 200. Every request is"
    " stored before it is answered."
)
_DRAFT = "These are your changes of before, which are not in use."
_NEW = AnswerScenario("my answers", (AnswerRule("down", answer=RuleAnswer(503)),))


class AnswersDialog(QDialog):
    """Edits a copy of a scenario.

    `chosen` carries the scenario that is to be used. The presenter loads and saves files.
    """

    chosen = Signal(AnswerScenario)
    load_requested = Signal()
    save_requested = Signal(AnswerScenario)

    def __init__(
        self, scenario: AnswerScenario | None, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Answers of the listener")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._seed = 0
        self._first = scenario or _NEW
        self._scenario_problems: list[str] = []
        self.banner = Banner(theme)
        self.name = QLineEdit()
        self.speed = QLineEdit(placeholderText="1")
        self.table = RulesTable(theme)
        self.form = RuleForm()
        self.add = IconButton("plus", "Add a rule", theme, text="Add")
        self.duplicate = IconButton("copy-plus", "Duplicate the rule", theme, text="Duplicate")
        self.remove = IconButton("trash-2", "Remove the rule (Delete)", theme, text="Remove")
        self.up = IconButton("chevron-up", "Move the rule up (Alt+Up)", theme, text="Up")
        self.down = IconButton("chevron-down", "Move the rule down (Alt+Down)", theme, text="Down")
        self.load = PushButton("Load…", theme)
        self.save = PushButton("Save…", theme)
        self.problem = paragraph(tone=Severity.DANGER)
        self.cancel = PushButton("Cancel", theme)
        self.use = PushButton("Use these answers", theme, kind=ButtonKind.PRIMARY)
        self._lay_out()
        self._connect()
        self.show_scenario(self._first)

    @property
    def scenario(self) -> AnswerScenario:
        """The scenario as the dialog says it; a speed that is no number counts as 1."""
        speed = _number(self.speed.text())
        rules = self.table.rules.rules
        name = self.name.text().strip()
        return AnswerScenario(name, rules, 1.0 if speed is None else speed, self._seed)

    @property
    def is_changed(self) -> bool:
        """True if the dialog says something else than what it was opened with."""
        return self.scenario != self._first

    def show_draft(self, scenario: AnswerScenario) -> None:
        """Show what was edited before, and not used."""
        self.show_scenario(scenario)
        self.banner.show_notice(Severity.INFO, _DRAFT)

    def show_scenario(self, scenario: AnswerScenario) -> None:
        """Show another scenario, from a file or a preset."""
        self.banner.clear()
        self._seed = scenario.seed
        self.name.setText(scenario.name)
        self.speed.setText("" if scenario.speed == 1 else f"{scenario.speed:g}")
        self.table.rules.show_rules(scenario.rules)
        self._select(0)
        self._check()

    def show_not_loaded(self, error: UserError) -> None:
        """Show why a file could not be read; what the dialog shows stays."""
        lines = error.lines if isinstance(error, InvalidDocument) else ()
        if len(lines) > 1:
            sentence = f"The file has {counted(len(lines), 'problem')}; the rules here stay."
            self.banner.show_notice(Severity.DANGER, sentence, details="\n".join(lines))
            self.banner.details_button.setChecked(True)
        else:
            self.banner.show_notice(Severity.DANGER, f"{error} The rules here stay.")

    def show_failed(self, error: UserError) -> None:
        """Show why the rules could not be used or saved."""
        self.banner.show_notice(Severity.DANGER, str(error), details=error.details)

    def show_saved(self, sentence: str) -> None:
        """Show that the file was written."""
        self.banner.show_notice(Severity.OK, sentence)

    def _select(self, row: int) -> None:
        last = len(self.table.rules.rows) - 1
        row = min(row, last)
        if row >= 0:
            self.table.setCurrentIndex(self.table.rules.index(row, 0))
        self._on_current_changed()

    def _on_current_changed(self) -> None:
        row = self.table.row
        self.form.setEnabled(row >= 0)
        if row >= 0:
            self.form.fill(self.table.rules.rows[row].fields)
        self._show_problems()
        self._update_buttons()

    def _on_edited(self) -> None:
        if self.table.row >= 0:
            self.table.rules.edit(self.table.row, self.form.fields)
        self._check()

    def _on_add(self) -> None:
        rules = self.table.rules
        names = {one.rule.name for one in rules.rows}
        name = next(name for number in range(1, 10_000) if (name := f"rule {number}") not in names)
        rules.insert(len(rules.rows), draft_of(AnswerRule(name)))
        self._select(len(rules.rows) - 1)
        self._check()
        self.form.name.setFocus()
        self.form.name.selectAll()

    def _on_duplicate(self) -> None:
        row = self.table.row
        draft = self.table.rules.rows[row]
        copied = replace(draft.fields, name=f"{draft.fields.name} 2")
        self.table.rules.insert(row + 1, draft)
        self.table.rules.edit(row + 1, copied)
        self._select(row + 1)
        self._check()

    def _on_remove(self) -> None:
        row = self.table.row
        self.table.rules.remove(row)
        self._select(row)
        self._check()

    def _move(self, step: int) -> None:
        if self.table.row >= 0:
            self.table.rules.move(self.table.row, self.table.row + step)
        self._check()
        self._update_buttons()

    def _check(self) -> None:
        """Check everything; what is wrong is said below its field, in its row and at the bottom."""
        speed = _number(self.speed.text())
        found = self.table.rules.check(self.name.text().strip(), 1.0 if speed is None else speed)
        self.table.show_problem_column()
        self._scenario_problems = [one.sentence for one in found]
        if speed is None:
            self._scenario_problems.append("The speed is a number, 1 if it is empty.")
        self._show_problems()
        self._update_buttons()

    def _show_problems(self) -> None:
        row, rules = self.table.row, self.table.rules
        self.form.show_problems(rules.rows[row].problems if row >= 0 else {})
        sentences = list(self._scenario_problems)
        if others := sum(bool(one.problems) for one in rules.rows):
            sentences.append(f"{counted(others, 'rule')} cannot be used as it is.")
        self.problem.setText(" ".join(sentences))
        for button in (self.use, self.save):
            button.setEnabled(not sentences)

    def _update_buttons(self) -> None:
        row, count = self.table.row, len(self.table.rules.rows)
        for button in (self.duplicate, self.remove):
            button.setEnabled(row >= 0)
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < count - 1)

    def _on_use(self) -> None:
        self.chosen.emit(self.scenario)

    def _connect(self) -> None:
        self.table.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.table.move_requested.connect(self._move)
        self.table.removal_requested.connect(self.remove.click)
        self.form.changed.connect(self._on_edited)
        for line in (self.name, self.speed):
            line.textChanged.connect(self._check)
        clicks: Sequence[tuple[IconButton | PushButton, Callable[[], object]]] = (
            (self.add, self._on_add),
            (self.duplicate, self._on_duplicate),
            (self.remove, self._on_remove),
            (self.up, lambda: self._move(-1)),
            (self.down, lambda: self._move(1)),
            (self.load, self.load_requested.emit),
            (self.save, lambda: self.save_requested.emit(self.scenario)),
            (self.cancel, self.reject),
            (self.use, self._on_use),
        )
        for button, run in clicks:
            button.clicked.connect(run)

    def _lay_out(self) -> None:
        self.name.setAccessibleName("Name of the scenario")
        self.speed.setAccessibleName("Speed")
        self.speed.setFixedWidth(20 * SPACE)
        head = QHBoxLayout()
        head.setSpacing(2 * SPACE)
        for widget, stretch in (
            (muted("Name"), 0),
            (self.name, 1),
            (muted("Speed"), 0),
            (self.speed, 0),
            (muted("At 60 a minute passes in a second"), 0),
        ):
            head.addWidget(widget, stretch)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.form)
        parts = Splitter(Qt.Orientation.Horizontal)
        parts.addWidget(self._rules_side())
        parts.addWidget(scroll)
        parts.setSizes([45 * _SIZE[0] // 100, 55 * _SIZE[0] // 100])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * SPACE, 4 * SPACE, 4 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(heading("Answers of the listener"))
        layout.addWidget(paragraph(_EXPLANATION, tone=Severity.MUTED))
        layout.addWidget(self.banner)
        layout.addLayout(head)
        layout.addWidget(parts, 1)
        layout.addLayout(self._bottom())
        self.resize(*_SIZE)
        self.use.setDefault(True)

    def _rules_side(self) -> QWidget:
        side = QWidget()
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        for button in (self.add, self.duplicate, self.remove, self.up, self.down):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)
        return side

    def _bottom(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        set_tone(self.problem, Severity.DANGER)
        row.addWidget(self.load)
        row.addWidget(self.save)
        row.addWidget(self.problem, 1)
        row.addWidget(self.cancel)
        row.addWidget(self.use)
        return row


def _number(text: str) -> float | None:
    """Return the number that a text is, 1 for an empty one, None if it is none."""
    try:
        return float(text) if text.strip() else 1.0
    except ValueError:
        return None

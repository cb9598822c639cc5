"""The dialog of a plan: it is read, reviewed, carried out step by step, and can be resumed."""

from collections.abc import Sequence
from enum import Enum, auto

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.documents import InvalidDocument
from ibconsole.services.setup.plans import (
    PlanKind,
    PlanReview,
    StepProgress,
    plan_text,
    summarize,
)
from ibconsole.ui.plans.steps_table import StepsTable
from ibconsole.ui.toolkit import SPACE, Theme, brief, copy_to_clipboard, mono_font
from ibconsole.ui.widgets import (
    Banner,
    BannerOverlay,
    ButtonKind,
    ElidedLabel,
    ProductionFrame,
    ProgressLine,
    PushButton,
    button_row,
    heading,
    muted,
    paragraph,
)

_SIZE = (880, 520)
_SMALLEST_TABLE = 100
_MAX_NOTES = 3
_VERBS = {PlanKind.UNDO: "Undo", PlanKind.APPLY: "Apply", PlanKind.CLONE: "Clone"}
_STOPPING = "Stops after this request…"


class PlanPlace(msgspec.Struct, frozen=True):
    """The account that a plan changes; `typed` has to be typed before anything is sent."""

    account: str
    environment: str = ""
    typed: str = ""


class PlanStage(Enum):
    """The stages of the dialog."""

    READING = auto()
    REVIEW = auto()
    RUNNING = auto()
    STOPPING = auto()
    ENDED = auto()


class _PlanPages(QStackedWidget):
    """The steps of a plan, or the problems of the file that it should be made from."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.table = StepsTable(theme)
        self.problems = QPlainTextEdit(readOnly=True)
        self.problems.setAccessibleName("Problems of the file")
        self.problems.setFont(mono_font())
        self.problems.setTabChangesFocus(True)
        for page in (self.table, self.problems):
            self.addWidget(page)
        self.setMinimumHeight(_SMALLEST_TABLE)

    def show_problems(self, lines: Sequence[str]) -> None:
        """Show these problems; the steps if there are none."""
        self.problems.setPlainText("\n".join(lines))
        self.setCurrentWidget(self.problems if lines else self.table)


class PlanDialog(QDialog):
    """A plan with a box for each step. Enter carries it out where that is safe, Esc backs out.

    `run_requested` carries the numbers of the chosen steps, also to go on after a failure;
    `stop_requested` asks to stop between two steps. The dialog stays open while a request is
    under way, because its outcome is not known before.
    """

    run_requested = Signal(object)
    stop_requested = Signal()
    retry_requested = Signal()

    def __init__(
        self, title: str, place: PlanPlace, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self.stage = PlanStage.READING
        self._replan = False
        self._place = place
        self._title = heading(title)
        self.line = ProgressLine(theme)
        self.banner = Banner(theme)
        self.notes = paragraph(tone=Severity.MUTED)
        self._pages = _PlanPages(theme)
        self.table, self.problems = self._pages.table, self._pages.problems
        self.summary = paragraph()
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Progress")
        self._type_it = paragraph(f"Type {place.typed} to go on:", tone=Severity.DANGER)
        self.typed = QLineEdit()
        self.typed.setAccessibleName(f"Type {place.typed} to go on")
        self.copy = PushButton("Copy as text", theme, icon_name="copy")
        self.cancel = PushButton("Cancel", theme)
        self.proceed = PushButton("Go on", theme, kind=ButtonKind.PRIMARY)
        self.frame = ProductionFrame(self, theme)
        self._lay_out()
        self.frame.show_environment(place.environment)
        self._connect()
        self._update()

    def show_reading(self, sentence: str) -> None:
        """Show that the setup is read, and the plan made of it."""
        self.stage = PlanStage.READING
        self.banner.clear()
        self.summary.setText(sentence)
        self._update()

    def show_plan(self, review: PlanReview) -> None:
        """Show a plan, to be reviewed."""
        self.stage = PlanStage.REVIEW
        self._pages.show_problems(())
        self.banner.clear()
        self._title.setText(review.plan.title)
        self.setWindowTitle(review.plan.title)
        self._show_notes(review.plan.notes)
        self.table.steps.show_review(review)
        self._update()
        self.table.selectRow(1 if self.table.steps.heading_row == 0 else 0)
        (self.typed if self._place.typed else self.table).setFocus()

    def show_not_planned(self, error: UserError, way_on: str) -> None:
        """Show why there is no plan; `way_on` names a button that asks for one again."""
        self.stage = PlanStage.ENDED
        sentence, details = brief(error, sentences=2)
        problems: Sequence[str] = ()
        if isinstance(error, InvalidDocument) and error.problems[0].position.line:
            problems = error.lines  # else it is no file that has them
        self._pages.show_problems(problems)
        if problems:
            sentence = f"The file has {counted(len(problems), 'problem')}, so there is no plan."
        severity = Severity.DANGER if way_on else Severity.INFO
        self.banner.show_notice(severity, sentence, details=details, action=way_on, closable=False)
        self.summary.setText("Nothing was changed.")
        self._update()

    def show_running(self) -> None:
        """Show that the chosen steps are carried out."""
        self.stage = PlanStage.RUNNING
        self.table.setFocus()  # the button that was pressed goes
        self.banner.clear()
        self._show_counts()
        self._update()

    def show_progress(self, progress: StepProgress) -> None:
        """Show the state of a step."""
        self.table.show_progress(progress)
        self._show_counts()

    def show_stopped(self, error: UserError | None, *, replan: bool = False) -> None:
        """Show that not all steps were made, and why; the others can follow.

        With `replan` they cannot, and a new plan is offered instead.
        """
        self.stage, self._replan = PlanStage.ENDED, replan
        done, total = self._counts()
        left = f"{done:,} of {counted(total, 'step')} done, {total - done:,} left."
        if error:
            sentence, details = brief(error, sentences=2)
            self.banner.show_notice(
                Severity.DANGER,
                f"{left} {sentence}",
                details=details,
                action="Make a new plan" if replan else "",
                closable=False,
            )
        else:
            self.banner.show_notice(Severity.WARNING, f"Stopped. {left}", closable=False)
        self._update()

    def finish(self) -> None:
        """Close the dialog: everything that was chosen is done."""
        self.stage = PlanStage.ENDED
        self.accept()

    @property
    def is_running(self) -> bool:
        """True while steps are carried out."""
        return self.stage in {PlanStage.RUNNING, PlanStage.STOPPING}

    @property
    def chosen(self) -> frozenset[int]:
        """The numbers of the chosen steps."""
        return self.table.steps.chosen

    @property
    def as_text(self) -> str:
        """The plan with the state of its steps, for a ticket."""
        review, problems = self.table.steps.review, self.problems.toPlainText()
        if review is None or problems:
            return problems
        steps = self.table.steps
        return plan_text(review, self._place.account, steps.progress, steps.chosen)

    def _on_proceed(self) -> None:
        if self.proceed.isEnabled():
            self.run_requested.emit(self.chosen)

    def _on_copy(self) -> None:
        copy_to_clipboard(self.as_text)

    def _counts(self) -> tuple[int, int]:
        return self.table.steps.done, len(self.chosen)

    def _show_counts(self) -> None:
        done, total = self._counts()
        self.progress.setMaximum(total)
        self.progress.setValue(done)
        stopping = f" {_STOPPING}" if self.stage is PlanStage.STOPPING else ""
        self.summary.setText(f"{done:,} of {counted(total, 'step')} done.{stopping}")

    def _show_notes(self, notes: Sequence[str]) -> None:
        shown = [f"\N{BULLET} {note}" for note in notes[:_MAX_NOTES]]
        more = len(notes) - len(shown)
        shown += [f"\N{BULLET} and {counted(more, 'more note')}: see “Copy as text”"] * bool(more)
        self.notes.setText("\n".join(shown))
        self.notes.setVisible(bool(notes))

    def _update(self) -> None:
        """Show the buttons and fields of the stage."""
        stage, steps = self.stage, self.table.steps
        running = self.is_running
        review = steps.review
        self.line.set_busy(on=stage is PlanStage.READING or running)
        self.progress.setVisible(running)
        steps.lock(on=stage is not PlanStage.REVIEW)
        self.copy.setEnabled(bool(review or self.problems.toPlainText()))
        for widget in (self._type_it, self.typed):
            widget.setVisible(bool(self._place.typed) and stage is PlanStage.REVIEW)
        self._update_cancel()
        if review and stage is PlanStage.REVIEW:
            self.summary.setText(self._describe_choice(review))
        done, total = self._counts()
        left = stage is PlanStage.ENDED and done < total and not self._replan
        self.proceed.setVisible(stage in {PlanStage.READING, PlanStage.REVIEW} or left)
        ready = bool(self.chosen) and self.typed.text().strip() == self._place.typed
        self.proceed.setEnabled((stage is PlanStage.REVIEW and ready) or left)
        self._name_proceed(review)
        self._choose_default(review)

    def _describe_choice(self, review: PlanReview) -> str:
        if not review.steps:
            return "There is nothing to do."
        left_out = len(review.steps) - len(self.chosen)
        words = summarize(review, self.chosen)
        rest = f"; {left_out:,} not chosen" if left_out else ""
        return f"{words[:1].upper()}{words[1:]}{rest}."

    def _update_cancel(self) -> None:
        names = {
            PlanStage.RUNNING: "Stop",
            PlanStage.STOPPING: "Stop",
            PlanStage.ENDED: "Close",
        }
        name = names.get(self.stage, "Cancel")
        self.cancel.setText(name)
        self.cancel.setAccessibleName(name)
        self.cancel.setEnabled(self.stage is not PlanStage.STOPPING)

    def _name_proceed(self, review: PlanReview | None) -> None:
        verb = _VERBS[review.plan.kind] if review else "Go on"
        count, total = len(self.chosen), len(review.steps) if review else 0
        if self.stage is PlanStage.ENDED:
            name = "Resume"
        elif review and review.plan.kind is PlanKind.UNDO and count == total:
            name = verb
        else:
            name = f"{verb} {counted(count, 'step')}" if review else verb
        self.proceed.setText(name)
        self.proceed.setAccessibleName(name)

    def _choose_default(self, review: PlanReview | None) -> None:
        """Let Enter carry out what takes nothing away, or undoes something; else let it go back.

        Once a plan has begun, Enter does nothing: a key that was pressed twice would stop it.
        """
        deletes = review is not None and not review.deletions.isdisjoint(self.chosen)
        undoes = review is not None and review.plan.kind is PlanKind.UNDO
        safe = (undoes or not deletes) and self.proceed.isEnabled()
        begun = review is not None and self.stage is not PlanStage.REVIEW
        self.proceed.setDefault(safe and not begun)
        self.cancel.setDefault(not safe and not begun)

    def _connect(self) -> None:
        self.table.steps.choice_changed.connect(self._update)
        self.typed.textChanged.connect(self._update)
        self.proceed.clicked.connect(self._on_proceed)
        self.cancel.clicked.connect(self.reject)
        self.copy.clicked.connect(self._on_copy)
        self.banner.action_requested.connect(self.retry_requested)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(2 * SPACE)
        top.addWidget(self._title, 1)
        top.addWidget(self.frame.word)
        account = QHBoxLayout()
        account.setSpacing(2 * SPACE)
        account.addWidget(muted("Account"))
        account.addWidget(ElidedLabel(self._account_text), 1)
        buttons = button_row(self.cancel, self.proceed, at_start=(self.copy,))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addLayout(top)
        layout.addLayout(account)
        layout.addWidget(self.notes)
        layout.addWidget(self.line)
        layout.addWidget(BannerOverlay(self._pages, self.banner, elastic=self._pages), 1)
        for widget in (self.summary, self.progress, self._type_it, self.typed):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self.notes.hide()

    @property
    def _account_text(self) -> str:
        return " · ".join(filter(None, (self._place.account, self._place.environment)))

    # Qt's side

    def reject(self) -> None:
        # However it is closed: what was begun is first stopped between two requests.
        if self.stage is PlanStage.RUNNING:
            self.stage = PlanStage.STOPPING
            self._show_counts()
            self._update()
            self.stop_requested.emit()
        elif self.stage is not PlanStage.STOPPING:
            super().reject()

"""The table of a plan's steps: deletions apart, boxes to choose, and the state of each step."""

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ibconsole.services.setup import StepState
from ibconsole.services.setup.plans import PlanReview, ReviewedStep, StepProgress
from ibconsole.ui.tables import RowTable, TextCells
from ibconsole.ui.toolkit import Theme, one_line, plain_tooltip, strong_font

Index = QModelIndex | QPersistentModelIndex

_HEADERS = ("Step", "Application", "Goes to", "Callback data", "State", "Note")
STEP, APPLICATION, GOES_TO, CALLBACK, STATE, NOTE = range(len(_HEADERS))
_WIDTHS = (196, 150, 0, 120, 84, 180)
_COLOURS = {
    StepState.WAITING: "muted",
    StepState.RUNNING: "info",
    StepState.DONE: "ok",
    StepState.FAILED: "danger",
    StepState.NOT_TRIED: "muted",
}


class StepsModel(QAbstractTableModel):
    """The steps of a plan, in its order, deletions last below a heading.

    `chosen` are the numbers of the steps that will be made; `choice_changed` is emitted when that
    changes. While the model is `locked`, it does not.
    """

    choice_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.review: PlanReview | None = None
        self.chosen: frozenset[int] = frozenset()
        self.progress: dict[int, StepProgress] = {}
        self.done = 0  # steps
        self._rows: Sequence[ReviewedStep | None] = ()
        self._row_of: dict[int, int] = {}
        self._locked = False

    @property
    def heading_row(self) -> int | None:
        """The row of the heading above the deletions; None if there is none."""
        return self._rows.index(None) if None in self._rows else None

    @property
    def has_notes(self) -> bool:
        """True if there is something to say about a single step."""
        return any(row.note for row in self._rows if row) or any(
            one.problem for one in self.progress.values()
        )

    def show_review(self, review: PlanReview) -> None:
        """Show the steps of a plan, with what is chosen at first."""
        self.beginResetModel()
        others = [step for step in review.steps if not step.deletes]
        deletions = [step for step in review.steps if step.deletes]
        self.review = review
        self._rows = [*others, None, *deletions] if deletions else others
        self._row_of = {step.number: row for row, step in enumerate(self._rows) if step}
        self.progress, self.done = {}, 0
        self.chosen = review.first_choice
        self.endResetModel()
        self.choice_changed.emit()

    def toggle(self, rows: Iterable[int]) -> None:
        """Choose these rows and what they need; if all are chosen, choose none of them."""
        steps = [self._rows[row] for row in rows]
        numbers = [step.number for step in steps if step]
        if self.review and numbers and not self._locked:
            if self.chosen.issuperset(numbers):
                self._choose(self.review.without(self.chosen, numbers))
            else:
                self._choose(self.review.with_(self.chosen, numbers))

    def lock(self, *, on: bool) -> None:
        """Keep the choice while `on`."""
        self._locked = on
        self._refresh(STEP)

    def set_progress(self, progress: StepProgress) -> int | None:
        """Show the state of a step; return its row, None if there is no such step."""
        row = self._row_of.get(progress.number)
        before = self.progress.get(progress.number)
        self.done += progress.state is StepState.DONE
        self.done -= before is not None and before.state is StepState.DONE
        self.progress[progress.number] = progress
        if row is not None:
            self.dataChanged.emit(self.index(row, STATE), self.index(row, NOTE), [])
        return row

    def state_of(self, row: int) -> StepState | None:
        """Return the state of a row's step; None for the heading, and for what is not chosen."""
        step = self._rows[row]
        if step is None or step.number not in self.chosen:
            return None
        progress = self.progress.get(step.number)
        return progress.state if progress else StepState.WAITING

    def _choose(self, chosen: frozenset[int]) -> None:
        self.chosen = chosen
        self._refresh(STEP)
        self._refresh(STATE)
        self.choice_changed.emit()

    def _refresh(self, column: int) -> None:
        if self._rows:
            last = self.index(len(self._rows) - 1, column)
            self.dataChanged.emit(self.index(0, column), last, [])

    def _text(self, row: int, column: int) -> str:
        step = self._rows[row]
        if step is None:
            count = len(self._rows) - row - 1
            return f"Deletions ({count:,})" if column == STEP else ""
        if column == NOTE:
            progress = self.progress.get(step.number)
            return one_line((progress.problem if progress else "") or step.note)
        if column == STATE:
            return self.state_of(row) or "not chosen"
        if column == CALLBACK:
            return one_line(step.callback_data)
        texts = (step.what, step.application, step.goes_to)
        return one_line(texts[column])

    def _step_role(self, row: int, role: int) -> Any:
        """Return what the first column alone has: a box, and the font of the heading."""
        step = self._rows[row]
        if role == Qt.ItemDataRole.FontRole:
            return strong_font() if step is None else None
        if role == Qt.ItemDataRole.CheckStateRole and step is not None:
            states = Qt.CheckState
            return states.Checked if step.number in self.chosen else states.Unchecked
        return None

    # Qt's side

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(_HEADERS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(self._text(row, column))
        return self._step_role(row, role) if column == STEP else None

    def setData(self, index: Index, _value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.toggle([index.row()])
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag
        if not index.isValid():
            return flags.NoItemFlags
        found = flags.ItemIsEnabled | flags.ItemNeverHasChildren
        if self._rows[index.row()] is None:
            return found
        found |= flags.ItemIsSelectable
        if index.column() == STEP and not self._locked:
            found |= flags.ItemIsUserCheckable
        return found

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return _HEADERS[section] if role == Qt.ItemDataRole.DisplayRole else None


class StepsTable(RowTable):
    """The view of the steps: Space chooses the selected ones or not, with what they need."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            stretch=GOES_TO,
            preferred_width=220,
            minimum_width=120,
            optional=(CALLBACK,),
            parent=parent,
        )
        self.steps = StepsModel(self)
        self.setAccessibleName("Steps of the plan")
        self.setModel(self.steps)
        self.setItemDelegateForColumn(STEP, QStyledItemDelegate(self))
        self.setItemDelegateForColumn(STATE, _StateCells(self.steps, theme, self))
        self.set_widths(*_WIDTHS, by_content=True)
        self.steps.modelReset.connect(self._on_reset)
        self._on_reset()

    def show_progress(self, progress: StepProgress) -> None:
        """Show the state of a step, and scroll to one that is under way."""
        row = self.steps.set_progress(progress)
        if row is not None and progress.state is StepState.RUNNING:
            self.scrollTo(self.steps.index(row, STEP))
        if progress.problem:
            self.columns.leave_out()

    def _on_reset(self) -> None:
        self.clearSpans()
        row = self.steps.heading_row
        if row is not None:
            self.setSpan(row, 0, 1, len(_HEADERS))
        self.columns.leave_out(*(() if self.steps.has_notes else (NOTE,)))

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.steps.toggle(row for run in self.selected_runs() for row in run)
        else:
            super().keyPressEvent(event)


class _StateCells(TextCells):
    """The cells of the states, each in its colour."""

    def __init__(self, model: StepsModel, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme

    def colour(self, _option: QStyleOptionViewItem, index: Index) -> QColor:
        state = self._model.state_of(index.row())
        return QColor(getattr(self._theme.colours, _COLOURS[state] if state else "muted"))

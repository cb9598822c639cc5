"""The table of a scenario's rules in their order, and the drafts behind it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from ibconsole.errors import Severity
from ibconsole.services.answer_files import (
    AnswerRule,
    AnswerScenario,
    ScenarioProblem,
    check_scenario,
    describe_answer,
    describe_condition,
)
from ibconsole.ui.answers.rule_fields import FIELD_OF, RuleFields, fields_of, rule_of
from ibconsole.ui.tables import RowTable, TintedCells
from ibconsole.ui.toolkit import Theme, one_line

Index = QModelIndex | QPersistentModelIndex

_HEADERS = ("Rule", "When", "Answer", "Problem")
NAME, WHEN, ANSWER, PROBLEM = range(len(_HEADERS))
_WIDTHS = (110, 0, 130, 160)
_NO_INDEX = QModelIndex()


class RuleDraft(msgspec.Struct, frozen=True):
    """A rule in the making: its texts, what they say, and what is wrong with it.

    `unread` are the fields that say nothing, `own` what breaks a bound, and `others` what is wrong
    because of the other rules. They map fields of the form to sentences.
    """

    fields: RuleFields
    rule: AnswerRule
    unread: Mapping[str, str] = {}
    own: Mapping[str, str] = {}
    others: Mapping[str, str] = {}

    @property
    def problems(self) -> Mapping[str, str]:
        """The sentences by the field below which they are shown."""
        return {**self.others, **self.own, **self.unread}


def draft_of(rule: AnswerRule) -> RuleDraft:
    """Return the draft that says this rule."""
    return _checked(fields_of(rule), rule, {})


class RulesModel(QAbstractTableModel):
    """The rules in order, the first of which decides."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.drafts: list[RuleDraft] = []

    @property
    def rules(self) -> tuple[AnswerRule, ...]:
        """The rules as the drafts say them."""
        return tuple(one.rule for one in self.drafts)

    @property
    def has_problems(self) -> bool:
        """True if a rule cannot be used as it is."""
        return any(one.problems for one in self.drafts)

    def show_rules(self, rules: Iterable[AnswerRule]) -> None:
        """Show other rules."""
        self.beginResetModel()
        self.drafts = [draft_of(one) for one in rules]
        self.endResetModel()

    def insert(self, row: int, draft: RuleDraft) -> None:
        """Insert a rule before a row."""
        self.beginInsertRows(QModelIndex(), row, row)
        self.drafts.insert(row, draft)
        self.endInsertRows()

    def remove(self, row: int) -> None:
        """Remove a rule."""
        self.beginRemoveRows(QModelIndex(), row, row)
        del self.drafts[row]
        self.endRemoveRows()

    def move(self, row: int, step: int) -> None:
        """Move a rule up (-1) or down (1); the selection goes with it."""
        target = row + step
        if not 0 <= target < len(self.drafts):
            return
        # Qt counts the place before the rule is taken out.
        self.beginMoveRows(QModelIndex(), row, row, QModelIndex(), target + (1 if step > 0 else 0))
        self.drafts.insert(target, self.drafts.pop(row))
        self.endMoveRows()

    def edit(self, row: int, fields: RuleFields) -> None:
        """Change a rule to what the texts of the form say."""
        rule, unread = rule_of(fields)
        self.drafts[row] = _checked(fields, rule, unread)
        self._refresh(row)

    def check(self, name: str, speed: float) -> Sequence[ScenarioProblem]:
        """Check what the rules are together; return what is wrong with the scenario itself.

        Each rule was checked when it was edited: to check 200 of them again would hold the window
        at every key.
        """
        together = tuple(AnswerRule(one.rule.name) for one in self.drafts)
        found = list(check_scenario(AnswerScenario(name, together, speed)))
        by_row = {one.rule: {_field_of(one): one.sentence} for one in reversed(found)}
        for row, draft in enumerate(self.drafts):
            others = by_row.get(row, {})
            if others != draft.others:
                self.drafts[row] = replace(draft, others=others)
                self._refresh(row)
        return [one for one in found if one.rule is None]

    def _refresh(self, row: int) -> None:
        self.dataChanged.emit(self.index(row, 0), self.index(row, PROBLEM), [])

    def _text(self, row: int, column: int) -> str:
        draft = self.drafts[row]
        if column == PROBLEM:
            return next(iter(draft.problems.values()), "")
        if column == NAME:
            return f"{row + 1:,}. {draft.fields.name.strip()}"
        if column == WHEN:
            return describe_condition(draft.rule.when)
        return describe_answer(draft.rule.answer)

    # Qt's side

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.drafts)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(_HEADERS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and index.isValid():
            return one_line(self._text(index.row(), index.column()))
        return None

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


class RulesTable(RowTable):
    """The rules; problems take the place of the answers while there is one.

    `move_requested` carries -1 for up (Alt+Up) and 1 for down (Alt+Down); Delete removes.
    """

    move_requested = Signal(int)
    removal_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(stretch=WHEN, preferred_width=150, minimum_width=60, parent=parent)
        self.rules = RulesModel(self)
        self.setModel(self.rules)
        self.setAccessibleName("Rules in their order")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setItemDelegateForColumn(PROBLEM, TintedCells(theme, Severity.DANGER, self))
        self.set_widths(*_WIDTHS)
        self.show_problem_column()

    @property
    def row(self) -> int:
        """The selected row, -1 for none."""
        return self.currentIndex().row()

    def show_problem_column(self) -> None:
        """Show the column of problems in place of that of the answers, if there is one."""
        self.columns.leave_out(ANSWER if self.rules.has_problems else PROBLEM)

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in steps:
            self.move_requested.emit(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Delete:
            self.removal_requested.emit()
        else:
            super().keyPressEvent(event)


def _checked(fields: RuleFields, rule: AnswerRule, unread: Mapping[str, str]) -> RuleDraft:
    found = check_scenario(AnswerScenario("one rule", (rule,)))
    own: dict[str, str] = {}
    for one in found:
        own.setdefault(_field_of(one), one.sentence)
    return RuleDraft(fields, rule, unread, own)


def _field_of(problem: ScenarioProblem) -> str:
    field = problem.field
    while field and field not in FIELD_OF:
        field = field.rpartition(".")[0]
    return FIELD_OF.get(field, "name")

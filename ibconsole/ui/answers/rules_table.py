"""The table of a scenario's rules in their order, and the drafts behind it."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

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
from ibconsole.ui.tables import OrderedModel, OrderedTable, TintedCells
from ibconsole.ui.toolkit import Theme

_HEADERS = ("Rule", "When", "Answer", "Problem")
NAME, WHEN, ANSWER, PROBLEM = range(len(_HEADERS))
_WIDTHS = (110, 0, 130, 160)


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


class RulesModel(OrderedModel[RuleDraft]):
    """The rules in order, the first of which decides."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_HEADERS, parent)

    @property
    def rules(self) -> tuple[AnswerRule, ...]:
        """The rules as the drafts say them."""
        return tuple(one.rule for one in self.rows)

    @property
    def has_problems(self) -> bool:
        """True if a rule cannot be used as it is."""
        return any(one.problems for one in self.rows)

    def show_rules(self, rules: Iterable[AnswerRule]) -> None:
        """Show other rules."""
        self.show_rows(draft_of(one) for one in rules)

    def edit(self, row: int, fields: RuleFields) -> None:
        """Change a rule to what the texts of the form say."""
        rule, unread = rule_of(fields)
        self.rows[row] = _checked(fields, rule, unread)
        self.refresh(row, row)

    def check(self, name: str, speed: float) -> Sequence[ScenarioProblem]:
        """Check what the rules are together; return what is wrong with the scenario itself.

        Each rule was checked when it was edited: to check 200 of them again would hold the window
        at every key.
        """
        together = tuple(AnswerRule(one.rule.name) for one in self.rows)
        found = list(check_scenario(AnswerScenario(name, together, speed)))
        by_row = {one.rule: {_field_of(one): one.sentence} for one in reversed(found)}
        for row, draft in enumerate(self.rows):
            others = by_row.get(row, {})
            if others != draft.others:
                self.rows[row] = replace(draft, others=others)
                self.refresh(row, row)
        return [one for one in found if one.rule is None]

    def text(self, row: int, column: int) -> str:
        draft = self.rows[row]
        if column == PROBLEM:
            return next(iter(draft.problems.values()), "")
        if column == NAME:
            return f"{row + 1:,}. {draft.fields.name.strip()}"
        if column == WHEN:
            return describe_condition(draft.rule.when)
        return describe_answer(draft.rule.answer)


class RulesTable(OrderedTable):
    """The rules; problems take the place of the answers while there is one."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(stretch=WHEN, preferred_width=150, minimum_width=60, parent=parent)
        self.rules = RulesModel(self)
        self.setModel(self.rules)
        self.setAccessibleName("Rules in their order")
        self.setItemDelegateForColumn(PROBLEM, TintedCells(theme, Severity.DANGER, self))
        self.set_widths(*_WIDTHS)
        self.show_problem_column()

    def show_problem_column(self) -> None:
        """Show the column of problems in place of that of the answers, if there is one."""
        self.columns.leave_out(ANSWER if self.rules.has_problems else PROBLEM)


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

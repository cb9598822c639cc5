from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.services.answer_files import (
    AnswerRule,
    RuleAnswer,
    RuleCondition,
)
from ibconsole.ui.answers.rule_fields import RuleFields
from ibconsole.ui.answers.rules_table import ANSWER, PROBLEM, WHEN, RulesModel, RulesTable, draft_of
from ibconsole.ui.toolkit.theme import Theme

RULES = [
    AnswerRule("down", RuleCondition(keyword="STOP"), RuleAnswer(503, delay=2.0)),
    AnswerRule("rest"),
]


def cells(model: RulesModel) -> list[list[str]]:
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_rules_in_their_order(qtmodeltester: ModelTester, qtbot: QtBot) -> None:
    """The table shows what decides; a rule is inserted, edited, moved and removed."""
    model = RulesModel()
    qtmodeltester.check(model)
    model.show_rules(RULES)
    assert cells(model) == [
        ["1. down", "keyword STOP", "status 503 after 2 s", ""],
        ["2. rest", "every request", "status 200", ""],
    ]

    model.insert(2, draft_of(AnswerRule("last")))
    model.move(2, 1)
    model.move(0, 1)
    model.move(0, -1)
    model.edit(1, RuleFields("down", share="20 %", status="404"))
    model.remove(2)

    assert [row[:3] for row in cells(model)] == [
        ["1. last", "every request", "status 200"],
        ["2. down", "20 %", "status 404"],
    ]
    assert model.headerData(ANSWER, Qt.Orientation.Horizontal) == "Answer"


def test_problems_stand_in_their_row(theme: Theme, qtbot: QtBot) -> None:
    """A rule that cannot be used says why; the column is there only then."""
    table = RulesTable(theme)
    qtbot.addWidget(table)
    table.rules.show_rules(RULES)
    table.show_problem_column()
    assert table.isColumnHidden(PROBLEM)

    table.rules.edit(1, RuleFields("rest", share="lots", status="99"))
    table.rules.insert(2, draft_of(RULES[0]))
    assert table.rules.check("n", 1.0) == []
    table.show_problem_column()

    assert (table.isColumnHidden(PROBLEM), table.isColumnHidden(ANSWER)) == (False, True)
    assert cells(table.rules)[1][WHEN] == "every request"
    assert cells(table.rules)[1][PROBLEM] == "A status is from 200 to 599, not 99."
    assert set(table.rules.rows[1].problems) == {"share", "status"}
    assert table.rules.rows[2].problems == {"name": 'Another rule is called "down".'}
    table.rules.remove(0)
    assert [one.field for one in table.rules.check("", 0.0)] == ["speed", "name"]
    assert table.rules.rows[1].problems == {}

"""The dialog that compares two setups."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.model.application import read_application
from ibconsole.services.comparison import ComparedValue, RowComparison, Side
from ibconsole.services.console.remote_comparison import ComparableAccount, ComparedApplication
from ibconsole.ui.timeline.compare_dialog import CompareDialog, list_choices
from ibconsole.ui.toolkit.theme import Scheme, Theme

BANK = read_application({"applicationCode": "b", "name": "Bora Bank"})
SHOP = read_application({"applicationCode": "s", "name": "Shop"})
ROWS = (
    ComparedValue("Action 1", "type", "PULL", "PULL", Side.EQUAL),
    ComparedValue("Action 1", "callbackData", "a", "b", Side.DIFFERENT),
    ComparedValue("Action 2", "type", "PULL", "", Side.LEFT_ONLY),
    ComparedValue("Action 3", "type", "", "HTTP_FORWARD", Side.RIGHT_ONLY),
)


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> CompareDialog:
    dialog = CompareDialog(theme)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    dialog.show()
    for side in dialog.sides:
        side.show_accounts((ComparableAccount("c", "Acme"),), "c")
        side.show_applications(list_choices((SHOP, BANK)), "b" if side is dialog.sides[0] else "s")
    return dialog


def texts(dialog: CompareDialog) -> list[list[str]]:
    model = dialog.table.model()
    return [[model.index(r, c).data() for c in range(5)] for r in range(model.rowCount())]


def test_differences_have_signs_and_colours(
    dialog: CompareDialog, qtmodeltester: ModelTester
) -> None:
    """Each relation of two values has its sign, whatever the colours are."""
    qtmodeltester.check(dialog.table.model())
    before = dialog.table.grab().toImage()

    dialog.show_comparison(RowComparison(ROWS))

    assert [row[0] for row in texts(dialog)] == ["=", "≠ differs", "← left only", "→ right only"]
    assert dialog.view.outcome.text() == "3 values differ."
    assert dialog.table.grab().toImage() != before

    dialog.view.only_differences.setChecked(True)
    assert len(texts(dialog)) == 3
    dialog.show_comparison(RowComparison(ROWS[:1]))
    assert texts(dialog) == []
    assert dialog.view.outcome.text() == "Both setups are equal."


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_what_differs_stands_out(dialog: CompareDialog, theme: Theme, scheme: Scheme) -> None:
    """A value that differs has another colour than an equal one."""
    theme.apply(scheme)
    dialog.show_comparison(RowComparison(ROWS))
    image = dialog.table.viewport().grab().toImage()

    def colours_of(row: int) -> set[str]:
        area = dialog.table.visualRect(dialog.table.model().index(row, 0))
        points = [(x, y) for x in range(area.left(), area.right())
                  for y in range(area.top() + 4, area.bottom() - 4)]  # fmt: skip
        return {image.pixelColor(x, y).name() for x, y in points}

    roles = {role: getattr(theme.colours, role) for role in ("warning", "danger", "ok")}
    found = [{role for role, one in roles.items() if one in colours_of(row)} for row in range(4)]
    assert found == [set(), {"warning"}, {"danger"}, {"ok"}]


def test_the_comparison_is_copied(dialog: CompareDialog) -> None:
    """A ticket gets the outcome, the names of both sides, and the rows that are shown."""
    dialog.show_comparison(RowComparison(ROWS))
    dialog.copy.click()

    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "3 values differ."
    assert lines[1].split("\t")[3:] == ["Bora Bank · Acme", "Shop · Acme"]
    assert lines[3].split("\t") == ["≠ differs", "Action 1", "callbackData", "a", "b"]


def test_another_choice_is_compared(dialog: CompareDialog, qtbot: QtBot) -> None:
    """Choosing an application on either side compares at once."""
    with qtbot.waitSignal(dialog.sides_chosen) as signal:
        qtbot.keyClick(dialog.sides[1].application, Qt.Key.Key_Up)

    assert signal.args == [ComparedApplication("c", "b"), ComparedApplication("c", "b")]
    assert not dialog.sides[0].account.isVisible()

    dialog.sides[1].show_applications(list_choices((BANK,)))
    with qtbot.assertNotEmitted(dialog.sides_chosen):
        dialog.sides[1].changed.emit()
    assert not dialog.copy.isEnabled()


def test_fifty_thousand_applications_are_offered(
    dialog: CompareDialog, qtmodeltester: ModelTester
) -> None:
    """The applications of a large account are a list without an item for each."""
    many = [read_application({"applicationCode": f"c{n}", "name": f"N{n}"}) for n in range(500)]
    choices = list_choices([*many, read_application({"applicationCode": "code-without-a-name"})])
    side = dialog.sides[0]

    side.show_applications(choices, "c499")

    qtmodeltester.check(side.application.model())
    assert side.chosen == ComparedApplication("c", "c499")
    assert side.application.currentText() == "N499"
    assert "code-without-a-name" not in {choice.name for choice in choices}
    side.show_applications(choices, "gone")
    assert side.chosen is None


def test_an_account_is_chosen(dialog: CompareDialog, qtbot: QtBot) -> None:
    """Of several accounts the user chooses one for each side; its applications are asked for."""
    side = dialog.sides[1]
    accounts = (ComparableAccount("c", "Acme"), ComparableAccount("d", "Acme production"))
    side.show_accounts(accounts, "c")
    assert side.account.isVisible()

    with qtbot.waitSignal(dialog.account_chosen) as signal:
        qtbot.keyClick(side.account, Qt.Key.Key_Down)

    assert signal.args == [1, "d"]
    assert side.chosen is None


def test_fixed_sides_are_named(dialog: CompareDialog) -> None:
    """Two times have names, and nothing can be chosen."""
    dialog.name_sides("Before", "After")
    dialog.show_comparison(RowComparison(ROWS))

    assert not dialog.sides[0].application.isVisible()
    assert dialog.sides[0].label.text() == "Before"
    assert "\tBefore\tAfter\n" in dialog.as_text()


def test_a_failure_is_said_in_the_dialog(dialog: CompareDialog) -> None:
    """What could not be read is said, and no former comparison stays as if it were this one."""
    dialog.show_loading()
    assert dialog.progress.busy
    dialog.show_comparison(RowComparison(ROWS))

    dialog.show_failed(UserError("The account cannot be reached."))

    assert dialog.table.total == 0
    assert dialog.refresh.isEnabled()
    assert "cannot be reached" in dialog.banner.text.text()

"""The column "Health" of the applications."""

from PySide6.QtWidgets import QStyleOptionViewItem

from ibconsole.services.diagnosis.health import HealthState
from ibconsole.ui.diagnosis.health_column import HealthBook, HealthCells, HealthGroup, group_of
from ibconsole.ui.tables.records_model import RecordsModel
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.diagnosis.records import APPLICATIONS, NOW, A, B, C, D, report


def book() -> HealthBook:
    made = HealthBook(lambda: NOW)
    made.report = report(A, B, C, D)
    return made


def test_texts() -> None:
    """A cell has the worst severity and the count in words, and the age if it is old."""
    assert list(map(book().text, APPLICATIONS)) == [
        "Error · 2 · 1 muted",
        "Error · 1",
        "No findings · 20 min ago",
        "Warning · 1",
        "Checking…",
    ]


def test_not_checked() -> None:
    """What is not known is not called well."""
    made = book()
    made.report = report(state=HealthState.IDLE)

    assert made.text(APPLICATIONS[0]) == "Not checked yet"
    assert "Nothing is known" in made.tooltip(APPLICATIONS[0])


def test_tooltip() -> None:
    """The tooltip has the worst finding, the counts and the time of the check."""
    lines = book().tooltip(APPLICATIONS[0]).split("\n")

    assert lines[:2] == ["There is no action.", "2 findings, 1 muted"]
    assert lines[2].startswith("Checked 1 min ago, 2025-")


def test_order() -> None:
    """The worst is first, and what was not checked is last."""
    order = sorted(APPLICATIONS, key=book().sort_key)

    assert [one.code for one in order] == ["a", "b", "d", "c", "e"]


def test_groups() -> None:
    """An application belongs to the most pressing group."""
    assert list(map(group_of, (A, B, C, D, None))) == [
        HealthGroup.NO_ROUTE,
        HealthGroup.FAILING,
        None,
        HealthGroup.WARNING,
        HealthGroup.NOT_CHECKED,
    ]


def test_icons(theme: Theme) -> None:
    """A checked application has an icon before the words, others have none."""
    made = book()
    model = RecordsModel([made.column], lambda one: one.code)
    model.show(APPLICATIONS)
    cells = HealthCells(made, theme)
    shown = []
    for row in (0, 4):
        option = QStyleOptionViewItem()
        cells.initStyleOption(option, model.index(row, 0))
        shown.append(not option.icon.isNull())

    assert shown == [True, False]

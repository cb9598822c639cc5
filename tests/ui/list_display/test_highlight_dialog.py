"""The dialog of the highlight rules says what each rule matches, or what is wrong with it."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.connections import HighlightRule
from ibconsole.services.filtering import FilterError, KnownValues
from ibconsole.ui.list_display.highlight_dialog import HighlightDialog
from ibconsole.ui.toolkit.theme import Scheme, Theme

STOP, PULLED = HighlightRule("keyword:STOP", "danger", "Stop"), HighlightRule("via:pull", "info")


def opened(qtbot: QtBot, theme: Theme, *rules: HighlightRule) -> HighlightDialog:
    dialog = HighlightDialog(rules, lambda: KnownValues(applications={}, keywords=[]), theme)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def has_error(dialog: HighlightDialog) -> bool:
    return dialog.filter.error_mark is not None


def test_editing(qtbot: QtBot, theme: Theme) -> None:
    """Rules are added in a colour of their own, edited, moved and removed; changes are checked."""
    dialog = opened(qtbot, theme, STOP, PULLED)
    assert (dialog.filter.text(), dialog.name.text()) == ("keyword:STOP", "Stop")
    assert (dialog.up.isEnabled(), dialog.down.isEnabled()) == (False, True)

    dialog.add.click()
    assert not dialog.save.isEnabled()
    assert dialog.state.text() == "A rule needs a filter."
    with qtbot.waitSignal(dialog.changed):
        qtbot.keyClicks(dialog.filter, "odd ")
    dialog.colour.setCurrentIndex(dialog.colour.findText("Violet"))
    dialog.name.setText("Odd")
    dialog.up.click()
    dialog.table.setCurrentIndex(dialog.table.rules.index(0, 0))
    dialog.down.click()
    dialog.table.setCurrentIndex(dialog.table.rules.index(2, 0))
    dialog.remove.click()

    assert dialog.rules == (HighlightRule("odd", "violet", "Odd"), STOP)
    with qtbot.waitSignal(dialog.chosen):
        dialog.save.click()


def test_matches_and_problems(qtbot: QtBot, theme: Theme) -> None:
    """The number of matches is that of the selected rule; a problem is shown at its character."""
    dialog = opened(qtbot, theme, STOP, PULLED)
    assert dialog.state.text() == "Counting the matches…"
    dialog.show_matches({0: 1, 1: 0}, 500)
    assert "500 messages of the list, 1 is highlighted" in dialog.state.text()
    dialog.table.selectRow(1)
    assert "none is highlighted" in dialog.state.text()

    dialog.show_problems({0: FilterError("Expected pull or forward.", 4)})
    assert dialog.state.text() == "Rule 1: Expected pull or forward."
    assert not has_error(dialog)
    dialog.table.selectRow(0)
    assert dialog.state.text() == "Expected pull or forward."
    assert has_error(dialog)
    assert not dialog.save.isEnabled()
    dialog.show_failed(UserError("The settings cannot be written."))
    assert dialog.state.text() == "The settings cannot be written."


def test_no_rules(qtbot: QtBot, theme: Theme) -> None:
    """Without a rule the dialog says what to do, and the colours follow the theme."""
    dialog = opened(qtbot, theme)
    theme.apply(Scheme.DARK)

    assert "There are no rules." in dialog.state.text()
    assert not dialog.filter.isEnabled()
    dialog._on_edited()
    dialog._on_move(1)
    dialog._on_remove()
    assert dialog.rules == ()


@pytest.mark.parametrize("colour", ["purple", "danger"])
def test_colours_of_a_newer_program(qtbot: QtBot, theme: Theme, colour: str) -> None:
    """A rule in a colour that is not known keeps it unless the user chooses another one."""
    dialog = opened(qtbot, theme, HighlightRule("x", colour))

    assert dialog.rules == (HighlightRule("x", colour),)
    dialog.name.setText("n")
    assert dialog.rules[0].colour == colour

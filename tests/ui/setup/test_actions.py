"""The list of actions and its commands."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.api.platform import Platform
from ibconsole.model.application import Action, read_action
from ibconsole.ui.setup.actions import ActionsPane, target_of, type_of
from ibconsole.ui.setup.panes import RawDialog, SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.setup.conftest import GatedSetup
from tests.ui.setup.steps import cells, select_application


async def test_no_action(panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks) -> None:
    """A configuration without actions explains what that means, and offers to add one."""
    select_application(panes, "Lumen Mobile")
    await tasks.settled()

    assert "not documented" in panes.actions_pane.notice.sentence.text()
    assert panes.actions_pane.notice.action.isEnabled()


async def test_undocumented_type_is_shown_as_sent(
    panes: SetupPanes, gated: GatedSetup, gated_presenter: SetupPresenter, tasks: UiTasks
) -> None:
    """An action of an undocumented type is listed with the platform's word."""
    gated.gates["a"].set()
    select_application(panes, "a")
    await tasks.settled()

    assert cells(panes.actions_pane) == ["MAIL"]


async def test_undocumented_type_cannot_be_copied(
    panes: SetupPanes,
    presenter: SetupPresenter,
    selection: SetupSelection,
    platform: Platform,
    tasks: UiTasks,
) -> None:
    """An action of an undocumented type can be neither duplicated nor replaced."""
    select_application(panes, "Kestrel Airways")
    await tasks.settled()
    [action] = selection.actions or ()
    undocumented = type(action)(
        key="k", type="MAIL", forward_url="", callback_data="", raw={"type": "MAIL"}
    )
    panes.actions_pane.show_actions([undocumented])
    panes.actions_pane.table.selectRow(0)

    assert not panes.actions_pane.duplicate_command.isEnabled()
    assert "not documented" in panes.actions_pane.replace_command.disabled_reason
    assert panes.actions_pane.raw.isEnabled()

    panes.actions_pane.raw.trigger()
    [dialog] = panes.findChildren(RawDialog)
    assert '"MAIL"' in dialog.view.text.toPlainText()
    dialog.close()


async def test_url_is_offered_for_a_test(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """The URL of a forward can be tested from its row; a pull has none."""
    select_application(panes, "Pronto Lunch")
    await tasks.settled()
    pane = panes.actions_pane
    pane.table.selectRow(cells(pane).index("Pull"))
    assert pane.test_command.disabled_reason == "The action has no forward URL."

    row = cells(pane).index("Forward")
    pane.table.selectRow(row)
    with qtbot.waitSignal(pane.test_requested) as emitted:
        pane.test_command.trigger()
    assert emitted.args == [cells(pane, 1)[row]]


@pytest.mark.parametrize(
    ("type_", "url", "word", "target"),
    [
        ("HTTP_FORWARD", "https://a.io/in", "Forward", "https://a.io/in"),
        ("PULL", "", "Pull", "kept until they are pulled"),
        ("MAIL", "", "MAIL", ""),
        ("", "", "(no type)", ""),
    ],
)
def test_words_of_an_action(type_: str, url: str, word: str, target: str) -> None:
    """Documented types have plain words; others are shown as the platform spells them."""
    action = Action(key="k", type=type_, forward_url=url, callback_data="", raw={})

    assert (type_of(action), target_of(action)) == (word, target)


def test_several_actions_are_deleted_together(theme: Theme, qtbot: QtBot) -> None:
    """With several actions selected only deleting is offered, and names their number."""
    pane = ActionsPane(theme)
    qtbot.addWidget(pane)
    pane.show_actions(
        [Action(key=k, type="PULL", forward_url="", callback_data="", raw={}) for k in "ab"]
    )
    pane.table.selectAll()

    assert pane.delete_command.text() == "Delete 2 actions…"
    assert pane.replace_command.disabled_reason == "Several actions are selected."
    with qtbot.waitSignal(pane.delete_requested) as emitted:
        pane.delete_command.trigger()
    assert [action.key for action in emitted.args[0]] == ["a", "b"]


def test_the_forward_url_follows_the_selection(panes: SetupPanes, qtbot: QtBot) -> None:
    """The URL is that of the selected action, else of the first that has one."""
    pane, urls = panes.actions_pane, list[str]()
    pane.forward_url_changed.connect(urls.append)
    one, other, pull = (
        read_action({"key": key, "type": kind, "forwardUrl": url})
        for key, kind, url in (
            ("1", "HTTP_FORWARD", "https://a.io"),
            ("2", "HTTP_FORWARD", "https://b.io"),
            ("3", "PULL", ""),
        )
    )

    pane.show_actions([one, pull])
    pane.show_actions([one, other, pull])
    pane.table.selectRow(cells(pane, 1).index("https://b.io"))
    pane.show_none("")

    assert urls == ["https://a.io", "https://b.io", ""]


async def test_a_selected_action_can_be_changed_at_once(
    panes: SetupPanes, presenter: SetupPresenter, selection: SetupSelection, tasks: UiTasks
) -> None:
    """An action that the palette or a finding leads to is what the commands work on."""
    select_application(panes, "Kestrel Airways")
    await tasks.settled()
    [action] = selection.actions or ()
    assert panes.actions_pane.replace_command.disabled_reason

    panes.actions_pane.select_action(action.key)

    assert not panes.actions_pane.replace_command.disabled_reason

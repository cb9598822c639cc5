import pytest

from ibconsole.model.application import read_application
from ibconsole.services.connections.connection import Environment
from ibconsole.services.runtime.status import (
    ArchiveStatus,
    ConnectionStatus,
    PullState,
    PullStatus,
    Status,
)
from ibconsole.ui.connections.presenter import SetupPage
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.whole_window import WholeWindow

APPLICATION = read_application({"applicationCode": "code", "name": "Bora Bank"})


async def test_the_title_names_the_connection(whole_window: WholeWindow) -> None:
    """The title has the name of the open connection."""
    presenter, window = whole_window.presenter, whole_window.window
    presenter.show_status(Status(connection=ConnectionStatus("Bank", "https://x")))
    assert window.windowTitle() == "Bank - ibconsole"

    presenter.show_status(Status())
    assert window.windowTitle() == "ibconsole"


@pytest.mark.parametrize("environment", [Environment.PRODUCTION, Environment.TEST])
async def test_production_has_a_frame(
    whole_window: WholeWindow, theme: Theme, environment: str
) -> None:
    """Only production has a frame around the whole window, also after a switch and a resize."""
    window = whole_window.window
    for name in (Environment.TEST, environment):
        status = Status(connection=ConnectionStatus("Bank", "https://x", "", name))
        whole_window.presenter.show_status(status)
    window.resize(1200, 700)
    picture = window.grab().toImage()
    edges = [(1, 350), (1198, 350), (600, 1), (600, 698)]

    colours = {picture.pixelColor(*edge).name() for edge in edges}

    assert (colours == {theme.colours.danger}) is (environment == Environment.PRODUCTION)
    inside = picture.pixelColor(8, 350).name()
    assert inside != theme.colours.danger


async def test_the_greeting_has_the_whole_window(whole_window: WholeWindow) -> None:
    """The tabs are hidden next to the greeting until something was received."""
    presenter, window = whole_window.presenter, whole_window.window
    presenter.show_setup_page(SetupPage.GREETING)
    assert window.upper.currentWidget() is window.greeting
    assert not window.traffic.isVisible()

    presenter.show_status(Status(archive=ArchiveStatus(messages=1)))
    assert window.traffic.isVisible()

    presenter.show_setup_page(SetupPage.CONNECTING)
    assert window.upper.currentWidget() is window.connecting


async def test_closing_waits_for_a_pull(whole_window: WholeWindow) -> None:
    """A window closed during a pull stops pulling, explains itself, and closes afterwards."""
    presenter, window = whole_window.presenter, whole_window.window
    stopped: list[None] = []
    window.messages.toolbar.pulling.stop_requested.connect(lambda: stopped.append(None))
    presenter.show_status(Status(pull=PullStatus(PullState.PULLING)))

    window.close()

    assert window.isVisible()
    assert "A pull is under way" in window.messages.page.banner.text.text()
    assert len(stopped) == 1
    presenter.show_status(Status(pull=PullStatus(PullState.HELD)))
    assert window.isVisible()
    presenter.show_status(Status(pull=PullStatus(PullState.IDLE)))
    assert not window.isVisible()


async def test_recovered_messages_are_announced(whole_window: WholeWindow) -> None:
    """What was recovered after a crash is shown above the messages."""
    whole_window.presenter.show_status(Status(recovered="3 messages were recovered."))

    assert whole_window.window.messages.page.banner.text.text() == "3 messages were recovered."


async def test_applications_are_shown_by_name(whole_window: WholeWindow) -> None:
    """A known application is shown by its name, and messages can be filtered by it."""
    bank = read_application({"applicationCode": "code-1234567890", "name": "Bora Bank"})
    whole_window.presenter.add_applications([bank])
    whole_window.presenter.select_application(bank)

    assert whole_window.window.names(bank.code) == "Bora Bank"
    whole_window.presenter.select_application(None)


async def test_very_many_applications_are_shown_by_name(
    whole_window: WholeWindow,
) -> None:
    """The names of a long list follow in steps, also if another list comes meanwhile."""
    names = whole_window.window.names
    many = [
        read_application({"applicationCode": f"code-{number:09}", "name": f"Bank {number}"})
        for number in range(20_000)
    ]
    whole_window.presenter.add_applications(many)
    whole_window.presenter.add_applications([APPLICATION])

    assert names(many[-1].code) == "Bank 19999"
    assert names(APPLICATION.code) == "Bora Bank"


async def test_the_first_list_has_the_focus(whole_window: WholeWindow) -> None:
    """At the start the applications have the focus once they are there, and not the tabs."""
    window = whole_window.window
    window.tabs.tabBar().setFocus()
    window.setup.applications_pane.show_applications([APPLICATION])
    assert window.focusWidget() is window.setup.applications_pane.table

    window.messages.toolbar.search.setFocus()
    window.setup.applications_pane.show_applications([APPLICATION, APPLICATION])
    assert window.focusWidget() is window.messages.toolbar.search


async def test_an_opened_account_has_the_focus(whole_window: WholeWindow) -> None:
    """The next key chooses an application, unless the user is typing in one of the tabs."""
    presenter, window = whole_window.presenter, whole_window.window
    presenter.show_status(Status(archive=ArchiveStatus(messages=1)))
    window.setup.applications_pane.show_applications([APPLICATION])
    for field, expected in (
        (window.bar, window.setup.applications_pane.table),
        (window.tabs, window.setup.applications_pane.table),
        (window.messages.toolbar.search, window.messages.toolbar.search),
    ):
        presenter.show_setup_page(SetupPage.CONNECTING)
        field.setFocus()
        presenter.show_setup_page(SetupPage.SETUP)
        assert window.focusWidget() is expected

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.services.connections.connection import Environment
from ibconsole.services.runtime.status import ConnectionStatus, Status
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.connections.connection_bar import ConnectionBar
from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.status_text import Indicator
from ibconsole.ui.toolkit.theme import Scheme, Theme
from tests.ui.connections.harness import Harness

SANDBOX = ConnectionStatus("Sandbox", "http://127.0.0.1:1", "key abcd…", Environment.SANDBOX)


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> ConnectionBar:
    bar = ConnectionBar(theme)
    qtbot.addWidget(bar)
    bar.resize(900, 44)
    bar.show()
    return bar


def test_no_connection(bar: ConnectionBar) -> None:
    """Without a connection the bar says so, and shows neither state nor environment."""
    assert bar.name.text() == "No connection"
    assert bar.dot.indicator == "off"
    assert not bar.environment.isVisible()


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        (Environment.SANDBOX, "SANDBOX"),
        (Environment.TEST, "TEST"),
        (Environment.PRODUCTION, "PRODUCTION"),
        ("", ""),
    ],
)
def test_environment(bar: ConnectionBar, environment: str, word: str) -> None:
    """The environment of the connection is shown as a word."""
    bar.show_connection(ConnectionStatus("Bank", "https://x", "abcd…", environment))

    assert bar.environment.text() == word
    assert bar.environment.isVisible() is bool(word)


def test_a_case_is_taken_for_no_account(bar: ConnectionBar) -> None:
    """A case has its own word with its title, which a long one does not make any wider."""
    title = "Nothing arrives at Kestrel \u202esince Monday, and " + "more " * 30
    bar.show_connection(
        ConnectionStatus("Kestrel", "http://127.0.0.1:1", "", Environment.SANDBOX, case=title)
    )

    assert bar.environment.text().startswith("CASE \N{MIDDLE DOT} Nothing arrives")
    assert bar.environment.property("badge") == "case"
    assert bar.environment.sizeHint().width() < 250
    assert "more more" in bar.environment.toolTip()
    assert "\u202e" not in bar.environment.accessibleName()

    bar.show_connection(SANDBOX)
    assert (bar.environment.text(), bar.environment.accessibleName()) == ("SANDBOX", "SANDBOX")


def test_a_new_connection_has_not_answered_yet(bar: ConnectionBar) -> None:
    """The state of the last request belongs to one connection, and is reset with another."""
    bar.show_status(Status(connection=SANDBOX))
    bar.show_reachability(Indicator.OK, "The platform answered.")
    bar.show_status(Status(connection=SANDBOX))
    before = bar.dot.indicator

    bar.show_status(Status(connection=ConnectionStatus("Bank", "https://x", "abcd…")))

    assert (before, bar.dot.indicator) == (Indicator.OK, Indicator.OFF)


def test_buttons(bar: ConnectionBar, theme: Theme, qtbot: QtBot) -> None:
    """The bar offers to refresh and to select the colours; the current selection is checked."""
    with qtbot.waitSignal(bar.refresh_requested):
        qtbot.mouseClick(bar.refresh, Qt.MouseButton.LeftButton)

    bar._scheme_actions[Scheme.DARK].trigger()

    assert theme.scheme is Scheme.DARK
    assert bar._scheme_actions[Scheme.DARK].isChecked()
    assert bar.scheme.accessibleName() == "Colours: dark"


async def test_the_menu_switches_the_connection(
    harness: Harness, running: RunningSimulator
) -> None:
    """The open connection is checked in the menu; selecting another one opens it."""
    for name in ("Acme", "Beta & Co"):
        await harness.save(running, name=name)
    await harness.presenter.start(name="Acme")
    await harness.settle()

    first, second, *_ = harness.bar.menu.actions()
    assert (first.isChecked(), second.isChecked()) == (True, False)
    assert second.text() == "Beta && Co"
    second.trigger()
    await harness.settle()

    assert harness.console.status.connection.name == "Beta & Co"


def test_an_account_without_a_name_shows_its_url_once(theme: Theme, qtbot: QtBot) -> None:
    """The URL of an unnamed account is its name: it is not repeated, and not grey."""
    bar = ConnectionBar(theme)
    qtbot.addWidget(bar)
    switch = Command("Open connection…", Group.CONNECTION, bar.open_menu)
    other = Command("Connections…", Group.CONNECTION, lambda: None)
    bar.follow(other, other, switch)
    switch.set_disabled_reason("There is no connection yet.")

    bar.show_connection(ConnectionStatus("https://x.io", "https://x.io", "key abcd…"))

    assert bar.name.text() == "https://x.io"
    assert bar.base_url.text() == ""
    assert bar.name.isEnabled()


def test_the_menu_ends_with_what_is_offered(bar: ConnectionBar) -> None:
    """Cases are below the connections and their commands."""
    other, cases = (Command(name, Group.CONNECTION, list) for name in ("Connections…", "Cases…"))
    bar.follow(other, other, other)
    bar.offer(cases)
    bar.show_connections([], "")

    assert [one.text() for one in bar.menu.actions()][-2:] == ["", "Cases…"]


def test_a_narrow_bar_shortens_the_name(bar: ConnectionBar, qtbot: QtBot) -> None:
    """The smallest window has room for the environment and the search; the name gives way."""
    name = "Zagrebačka banka - mobile banking"
    bar.show_connection(
        ConnectionStatus(name, "https://x1y2z3.api.infobip.com", "key abcd…", "production", "red")
    )
    whole = bar.name.text()

    bar.resize(640, 44)

    qtbot.waitUntil(lambda: bar.find_button.width() >= bar.find_button.sizeHint().width())
    assert bar.environment.width() >= bar.environment.sizeHint().width()
    assert bar.scheme.geometry().right() < 640
    assert bar.name.text() != whole
    assert bar.name.accessibleName() == f"Connection: {name}"
    bar.resize(1024, 44)
    assert bar.name.text() == whole

"""The line on top of the window."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.services.runtime.status import ConnectionStatus, Status
from ibconsole.ui.connections.connection_bar import ConnectionBar
from ibconsole.ui.toolkit.theme import Scheme, Theme

SANDBOX = ConnectionStatus("Sandbox", "http://127.0.0.1:1", "key abcd…", "sandbox")


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> ConnectionBar:
    bar = ConnectionBar(theme)
    qtbot.addWidget(bar)
    bar.resize(900, 44)
    bar.show()
    return bar


def test_no_connection(bar: ConnectionBar) -> None:
    """Without an account the bar says so, and claims nothing."""
    assert bar.name.text() == "No connection"
    assert bar.dot.indicator == "off"
    assert not bar.environment.isVisible()


@pytest.mark.parametrize(
    ("environment", "word"),
    [("sandbox", "SANDBOX"), ("test", "TEST"), ("production", "PRODUCTION"), ("", "")],
)
def test_environment(bar: ConnectionBar, environment: str, word: str) -> None:
    """What kind of account it is stands there as a word."""
    bar.show_connection(ConnectionStatus("Bank", "https://x", "abcd…", environment))

    assert bar.environment.text() == word
    assert bar.environment.isVisible() is bool(word)


def test_reach_belongs_to_the_account(bar: ConnectionBar) -> None:
    """That one account answered says nothing of another."""
    bar.show_status(Status(connection=SANDBOX))
    bar.show_reach("ok", "The platform answered.")
    bar.show_status(Status(connection=SANDBOX))
    assert bar.dot.indicator == "ok"

    bar.show_status(Status(connection=ConnectionStatus("Bank", "https://x", "abcd…")))

    assert bar.dot.indicator == "off"


def test_buttons(bar: ConnectionBar, theme: Theme, qtbot: QtBot) -> None:
    """One can refresh, and choose the colours; the choice in use is marked."""
    with qtbot.waitSignal(bar.refresh_requested):
        qtbot.mouseClick(bar.refresh, Qt.MouseButton.LeftButton)

    bar._choices[Scheme.DARK].trigger()

    assert theme.scheme is Scheme.DARK
    assert bar._choices[Scheme.DARK].isChecked()
    assert bar.scheme.accessibleName() == "Colours: dark"

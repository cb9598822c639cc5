"""What the controls of the listener offer and say."""

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.clock import now_ms
from ibconsole.services.runtime.status import AnswersStatus, ListenerState, ListenerStatus
from ibconsole.ui.listener.toolbar import ListenerToolbar
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.listener.conftest import URL
from tests.ui.sample_records import RECEIVED


@pytest.fixture
def toolbar(qtbot: QtBot, theme: Theme) -> ListenerToolbar:
    toolbar = ListenerToolbar(theme, time_display=TimeDisplay())
    qtbot.addWidget(toolbar)
    return toolbar


def test_no_start_without_an_address(toolbar: ListenerToolbar) -> None:
    """The listener can be started only on a valid IP address."""
    toolbar.address.kind.setCurrentText("One address…")
    assert not toolbar.start.isEnabled()
    assert toolbar.start_command.disabled_reason == "The text is not an IP address."

    toolbar.address.address.setText("192.168.1.5")
    assert toolbar.start.isEnabled()


def test_starting_listener(toolbar: ListenerToolbar) -> None:
    """A starting listener can be neither started nor stopped."""
    toolbar.show_status(ListenerStatus(ListenerState.STARTING))

    assert not toolbar.start.isEnabled()
    assert toolbar.stop_command.disabled_reason == "The listener is being started or stopped."
    assert toolbar.state_text.text() == "Listener starting"


def test_busy_listener(toolbar: ListenerToolbar) -> None:
    """While a start or stop is in progress, no other can be asked for."""
    toolbar.set_busy(on=True)
    assert not toolbar.start.isEnabled()
    assert not toolbar.port.isEnabled()

    toolbar.set_busy(on=False)
    assert toolbar.start.isEnabled()


def test_forward_url(toolbar: ListenerToolbar) -> None:
    """The forward URL can be copied while the listener is running."""
    toolbar.show_status(ListenerStatus(ListenerState.LISTENING, url=URL))
    assert (toolbar.url.isHidden(), toolbar.url.value) == (False, URL)
    toolbar.copy_command.trigger()
    assert QGuiApplication.clipboard().text() == URL

    toolbar.show_status(ListenerStatus())
    assert (toolbar.url.isHidden(), toolbar.url.value) == (True, "")
    assert toolbar.copy_command.disabled_reason == "The listener is stopped."


def test_ages_are_updated_only_in_sight(toolbar: ListenerToolbar, qtbot: QtBot) -> None:
    """A hidden toolbar runs no timer."""
    assert not toolbar._age_timer.isActive()
    with qtbot.waitExposed(toolbar):
        toolbar.show()
    assert toolbar._age_timer.isActive()
    toolbar.hide()
    assert not toolbar._age_timer.isActive()


def test_quiet_listener(toolbar: ListenerToolbar) -> None:
    """A listener that received nothing for long is not called live."""
    toolbar.show_status(
        ListenerStatus(
            ListenerState.LISTENING, url=URL, since=RECEIVED, last_at=RECEIVED, received=1
        )
    )

    assert toolbar.state_text.text().startswith("Listener quiet for ")


def test_the_keyboard_stays_at_the_listener(toolbar: ListenerToolbar) -> None:
    """After a start the focus is at Stop, after a stop at Start; elsewhere it is left alone."""
    toolbar.show()
    toolbar.start.setFocus()
    for state, button in (
        (ListenerState.LISTENING, toolbar.stop),
        (ListenerState.STOPPED, toolbar.start),
    ):
        toolbar.set_busy(on=True)
        toolbar.set_busy(on=False)  # the status may come before or after it
        toolbar.show_status(ListenerStatus(state, URL))
        assert toolbar.focusWidget() is button


def test_rules_of_answers_have_a_row(toolbar: ListenerToolbar) -> None:
    """The state of the listener does not repeat what the row of the answers says."""
    answers = AnswersStatus("slow", now_ms(), None, "slow: status 200 after 30 s")
    toolbar.show_status(ListenerStatus(ListenerState.LISTENING, url=URL, answers=answers))

    assert not toolbar.answers.row.isHidden()
    assert toolbar.answers.text.text() == "Answers: slow"
    assert "slow" not in toolbar.state_text.text()
    toolbar.show_status(ListenerStatus(ListenerState.LISTENING, url=URL))
    assert toolbar.answers.row.isHidden()

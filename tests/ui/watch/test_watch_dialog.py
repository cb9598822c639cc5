"""The dialog of the watch."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.services.connections import Watch
from ibconsole.services.runtime import AlarmKind
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.watch.watch_dialog import WatchDialog

DEFAULT = ("silence", "error", "pending", "source")
Open = Callable[..., WatchDialog]


@pytest.fixture
def opened(theme: Theme, qtbot: QtBot) -> Open:
    def open_dialog(chosen: Watch, problem: str = "") -> WatchDialog:
        dialog = WatchDialog(chosen, "Kestrel", problem, theme)
        qtbot.addWidget(dialog)
        return dialog

    return open_dialog


@pytest.mark.parametrize(
    ("chosen", "kinds"),
    [
        (Watch("c"), DEFAULT),
        (Watch("c", "code", kinds=()), DEFAULT),  # an application that was not chosen yet
        (Watch("c", kinds=()), ()),  # a connection whose watch was stopped
        (Watch("c", kinds=("certificate", "of a newer program")), ("certificate",)),
    ],
)
def test_the_choice_is_shown(opened: Open, chosen: Watch, kinds: tuple[str, ...]) -> None:
    """The dialog shows what is watched; certificates contact hosts, and have to be chosen."""
    dialog = opened(chosen)

    assert dialog.choice.kinds == kinds
    assert dialog.choice.minutes is None
    assert not dialog.choice.notify
    assert dialog.save.text() == ("Watch" if kinds else "Stop watching")


def test_minutes(opened: Open, qtbot: QtBot) -> None:
    """Minutes count only if they are chosen, and only for silences."""
    dialog = opened(Watch("c", minutes=45))
    assert (dialog.choice.minutes, dialog.minutes.isEnabled()) == (45, True)

    dialog.kinds[AlarmKind.SILENCE].setChecked(False)
    assert not dialog.minutes.isEnabled()
    dialog.kinds[AlarmKind.SILENCE].setChecked(True)
    dialog.minutes.setValue(60)
    dialog.notify.setChecked(True)
    with qtbot.waitSignal(dialog.saved) as saved:
        dialog.save.click()
    assert saved.args == [Watch("c", kinds=DEFAULT, minutes=60, notify=True)]
    assert opened(Watch("c", minutes=45)).learned.isEnabled()


def test_no_notifications_here(opened: Open) -> None:
    """Where the system shows none they cannot be switched on, and can be switched off."""
    assert not opened(Watch("c"), "No service.").notify.isEnabled()
    assert opened(Watch("c", notify=True), "No service.").notify.isEnabled()
    assert opened(Watch("c")).notify.isEnabled()

"""The windows of a process, by their contents alone."""

import logging

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.services.runtime import ConnectionStatus
from ibconsole.ui.toolkit.times import TimeDisplay
from ibconsole.ui.windows.open_windows import OpenWindows


class Content:
    """The content of a window, which notes what it is given."""

    is_pulling = False
    listens_at = ""
    listener_elsewhere = ""

    def __init__(self, name: str) -> None:
        self.connection = ConnectionStatus(name, id=f"id-{name}")
        self.times = TimeDisplay()
        self.noted = list[object]()

    def show_failure(self, task: str, error: object) -> None:
        self.noted.append((task, error))

    def show_listener_elsewhere(self, address: str) -> None:
        self.listener_elsewhere = address

    def follow_link(self, link: str) -> None:
        self.noted.append(link)

    def reload_connections(self) -> None:
        self.noted.append("reload")

    def save_layout(self) -> None:
        self.noted.append("layout")


@pytest.fixture
def windows(qtbot: QtBot) -> OpenWindows:
    """Three windows, on Acme, on Beta, and without content, the last one in front."""
    windows = OpenWindows()
    for name in ("Acme", "Beta", ""):
        window = QMainWindow(windowTitle=name)
        qtbot.addWidget(window)
        windows.add(window)
        if name:
            windows.fill(window, Content(name))
    return windows


def content_of(windows: OpenWindows, number: int) -> Content:
    content = windows._contents[windows.all[number]]
    assert isinstance(content, Content)
    return content


def activate(windows: OpenWindows, number: int) -> None:
    QCoreApplication.sendEvent(windows.all[number], QEvent(QEvent.Type.WindowActivate))


def test_what_belongs_to_no_window_is_shown_in_the_front_one(
    windows: OpenWindows, caplog: pytest.LogCaptureFixture
) -> None:
    """Without content it is shown in the one before, and without any it is in the log."""
    acme, beta = content_of(windows, 0), content_of(windows, 1)
    error = RuntimeError("a slot")
    windows.show_failure("the window", error)
    activate(windows, 0)
    windows.show_failure("the window", error)
    windows.save_layout()
    assert (acme.noted, beta.noted) == ([("the window", error), "layout"], [("the window", error)])

    for window in windows.all:
        windows.remove(window)
    assert windows.front is None
    with caplog.at_level(logging.CRITICAL, logger="ibconsole"):
        windows.show_failure("the window", error)


@pytest.mark.parametrize(
    ("link", "number"),
    [
        ("ibconsole://connection/id-Acme", 0),
        ("ibconsole://connection/Beta", 1),
        ("ibconsole://finding/IBC-1001/00000000000000000000", 2),
        ("ibconsole://message?id=1", 2),
        ("rubbish", 2),
        ("", 2),
    ],
)
def test_a_link_goes_to_the_window_of_its_connection(
    windows: OpenWindows, link: str, number: int
) -> None:
    """A link about none of the open connections goes to the window in front."""
    assert windows.window_for(link) is windows.all[number]
    windows.follow_link(link)
    follower = content_of(windows, min(number, 1))  # the front one has no content yet
    assert follower.noted == [link]


def test_all_windows_show_times_alike(windows: OpenWindows, qtbot: QtBot) -> None:
    """UTC is switched in all of them, and a window that is opened later begins with it."""
    content_of(windows, 1).times.show_utc(on=True)
    late = Content("Gamma")
    windows.fill(windows.all[2], late)

    assert content_of(windows, 0).times.utc
    assert late.times.utc
    late.times.show_utc(on=False)
    assert not content_of(windows, 0).times.utc


def test_other_windows_read_changed_connections(windows: OpenWindows) -> None:
    """The window that has changed the saved connections does not read them again."""
    windows.reload_others(windows.all[0])

    assert (content_of(windows, 0).noted, content_of(windows, 1).noted) == ([], ["reload"])


def test_the_first_window_of_a_connection(windows: OpenWindows) -> None:
    """Of windows on one connection the first speaks for all of them."""
    windows.fill(windows.all[2], Content("Acme"))
    assert [windows.is_first_on_connection(one) for one in windows.all] == [True, True, False]

    last = windows.all[2]
    windows.remove(windows.all[0])
    assert windows.is_first_on_connection(last)


def test_a_window_knows_where_another_one_listens(windows: OpenWindows) -> None:
    """What arrives at the listener of one window is listed in all of them."""
    acme, beta = content_of(windows, 0), content_of(windows, 1)
    acme.listens_at = "127.0.0.1:8484"
    windows.share_listeners()
    assert (acme.listener_elsewhere, beta.listener_elsewhere) == ("", "127.0.0.1:8484")

    windows.remove(windows.all[0])
    assert beta.listener_elsewhere == ""


def test_the_connection_of_the_last_window(windows: OpenWindows) -> None:
    """It is that of the window that was used last, whether windows are closed or all at once."""
    for window in windows.all:
        window.show()
    windows.remove(windows.all[2])
    assert windows.last_connection.name == "Beta"
    activate(windows, 0)
    windows.close_all()
    assert not any(one.isVisible() for one in windows.all)
    for window in windows.all:
        windows.remove(window)

    assert windows.last_connection.name == "Acme"


def test_a_window_that_is_closed_is_filled_no_more(windows: OpenWindows) -> None:
    """Its content may be ready a moment after it was closed."""
    window = windows.all[2]
    windows.remove(window)
    windows.remove(window)
    late = Content("Gamma")
    late.is_pulling = True
    windows.fill(window, late)
    assert not windows.is_pulling

    content_of(windows, 0).is_pulling = True
    assert windows.is_pulling

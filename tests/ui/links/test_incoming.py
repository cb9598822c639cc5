"""Links from outside, before and after the window can follow them."""

import os

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from ibconsole.services.links import WindowRequest
from ibconsole.ui.links.incoming import IncomingLinks

LINK = "ibconsole://message?id=a%2Fb"


def incoming_links(window: QMainWindow) -> IncomingLinks:
    return IncomingLinks(lambda _: window if window.isVisible() else None, window)


def test_the_latest_link_waits_for_the_panes(plain_window: QMainWindow) -> None:
    """A link is kept until it can be followed; coming to the front alone replaces none."""
    incoming, followed = incoming_links(plain_window), list[str]()
    for link in ("ibconsole://case/1", LINK, ""):
        incoming.take(WindowRequest(link=link))
    assert followed == []

    incoming.follow_with(followed.append)
    incoming.take(WindowRequest())
    assert incoming.take(WindowRequest(link="x"))
    assert followed == [LINK, "x"]

    plain_window.close()
    assert not incoming.take(WindowRequest(link="y"))
    assert followed == [LINK, "x"]
    assert not plain_window.isVisible()


def test_a_minimized_window_comes_back(
    plain_window: QMainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is shown as it was; what the desktop gave to the other process goes to Qt."""
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "before")
    plain_window.showMaximized()
    plain_window.setWindowState(plain_window.windowState() | Qt.WindowState.WindowMinimized)

    incoming_links(plain_window).take(WindowRequest(activation="from the desktop"))

    assert not plain_window.isMinimized()
    assert plain_window.isMaximized()
    assert "from the desktop" in os.environ["XDG_ACTIVATION_TOKEN"]


def test_links_of_the_desktop_of_macos(plain_window: QMainWindow, qapp: QApplication) -> None:
    """There they are events of the application; files of others are left to Qt."""
    incoming, followed = incoming_links(plain_window), list[str]()
    incoming.follow_with(followed.append)

    for url in (LINK, "file:///etc/passwd"):
        QCoreApplication.sendEvent(qapp, QFileOpenEvent(QUrl(url)))

    assert followed == [LINK]

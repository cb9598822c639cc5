"""Links from outside: of other processes, of the desktop, and the one that opened the window."""

import os
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication, QWidget

from ibconsole.services.links import LONGEST, WindowRequest, is_link


class IncomingLinks(QObject):
    """Brings a window to the front for each link, and keeps the latest one until it is followed.

    `choose` returns the window that a link is about, None once all are closed. Links arrive from
    the first frame on, before the panes are there that show them. macOS gives links to the program
    that runs as events of the application.
    """

    def __init__(self, choose: Callable[[str], QWidget | None], parent: QObject) -> None:
        super().__init__(parent)
        self._choose = choose
        self._waiting = ""
        self._follow: Callable[[str], object] | None = None
        if app := QApplication.instance():
            app.installEventFilter(self)

    def take(self, request: WindowRequest) -> bool:
        """Come to the front, and follow the link of a request, if it has one.

        Returns false, and does nothing, once all windows are closed.
        """
        window = self._choose(request.link)
        if window is None:
            return False
        bring_to_front(window, request.activation)
        self.receive(request.link)
        return True

    def receive(self, link: str) -> None:
        """Follow a link, unless it is empty, now or as soon as that can be done."""
        if self._follow and link:
            self._follow(link)
        else:
            self._waiting = link or self._waiting

    def follow_with(self, follow: Callable[[str], object]) -> None:
        """Follow links from now on, beginning with the one that waits."""
        self._follow = follow
        waiting, self._waiting = self._waiting, ""
        if waiting:
            follow(waiting)

    # Qt's side

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and is_link(event.url().toString()):
            self.take(WindowRequest(link=event.url().toString()[: LONGEST + 1]))
            return True
        return super().eventFilter(watched, event)


def bring_to_front(window: QWidget, activation: str = "") -> None:
    """Show a window above all others, as far as the desktop permits it; else it asks for attention.

    `activation` is what the desktop gave to the process that wants it: Qt gives it to Wayland.
    """
    if activation:
        os.environ["XDG_ACTIVATION_TOKEN"] = activation
    if window.isMinimized():
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
    QApplication.alert(window)

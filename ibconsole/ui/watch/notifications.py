"""Notifications of the system where it has a notification area: Windows and macOS.

The showing itself was never run there.
"""

from PySide6.QtCore import QObject
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon


class TrayNotifications(QObject):
    """Shows notifications through an icon in the notification area, which appears with the first.

    Not for Linux, where few desktops have such an area.
    """

    def __init__(self, icon: QIcon, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._tray: QSystemTrayIcon | None = None

    async def find_problem(self) -> str:
        """Return why no notification can be shown, empty if one can."""
        if QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
            return ""
        return "This system has no notification area, so no notification can be shown."

    async def show(self, title: str, body: str) -> str:
        """Show a notification; return why it was not shown, empty if it was handed over."""
        if problem := await self.find_problem():
            return problem
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._icon, self)
            self._tray.setToolTip("ibconsole")
            self._tray.show()
        self._tray.showMessage(title, body, self._icon)
        return ""

"""Notifications through the notification area."""

from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from ibconsole.ui.toolkit.icons import application_icon
from ibconsole.ui.watch.notifications import TrayNotifications


async def test_without_a_notification_area(qapp: QApplication) -> None:
    """Where there is no notification area, as off screen, it is said, and nothing is shown."""
    notifications = TrayNotifications(application_icon())
    expected = not QSystemTrayIcon.isSystemTrayAvailable()

    assert bool(await notifications.find_problem()) is expected
    assert bool(await notifications.show("Title", "Body")) is expected

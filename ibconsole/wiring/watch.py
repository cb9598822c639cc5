"""Composes the watch of the open connection: its commands, alarms, and the way to a remedy."""

import sys
from collections.abc import Callable
from contextlib import AsyncExitStack

from ibconsole.services.console import DesktopNotifications, RemoteWatch
from ibconsole.services.runtime import Alarm, AlarmKind
from ibconsole.ui.setup import SetupPresenter, SetupSelection
from ibconsole.ui.toolkit import application_icon
from ibconsole.ui.watch import TrayNotifications, WatchPresenter
from ibconsole.ui.windows import OpenWindows
from ibconsole.wiring.services import Services
from ibconsole.wiring.shell import Shell


def present_watch(
    stack: AsyncExitStack,
    shell: Shell,
    services: Services,
    selection: SetupSelection,
    setup: SetupPresenter,
    windows: OpenWindows,
) -> None:
    """Watch the open connection; the stack ends it before the console.

    Of several windows on one connection the first notifies; alarms are shown in all of them.
    """
    window = shell.window
    remote = RemoteWatch(services.engine, services.console)
    stack.push_async_callback(remote.close)
    notifier = (
        DesktopNotifications(services.engine)
        if sys.platform == "linux"
        else TrayNotifications(application_icon(), window)
    )
    once = _NotifiesOnce(notifier, lambda: windows.is_first_on_connection(window))
    presenter = WatchPresenter(remote, once, shell.tasks, shell.theme, window)
    shell.watch.changed.connect(presenter.show_status)
    setup.application_changed.connect(presenter.select_application)
    window.status.alarm_clicked.connect(presenter.go_to_first)

    def open_remedy(alarm: Alarm) -> None:
        view = shell.commands.view
        if alarm.kind is AlarmKind.ERROR or alarm.part == "listener":
            view.show_tab(window.listener)
        elif alarm.kind in {AlarmKind.PENDING, AlarmKind.SOURCE}:
            view.show_tab(window.messages)
        else:
            view.show_tab(window.health)
            listed = selection.cache.applications.items if selection.cache.applications else ()
            found = next((one for one in listed if one.code == alarm.application), None)
            if found:
                setup.go_to(found)
            else:
                window.health.show_all_findings()

    presenter.remedy_requested.connect(open_remedy)
    shell.commands.offer(presenter.commands)


class _NotifiesOnce:
    """Notifications of a window, unless another one shows the same."""

    def __init__(
        self, notifier: DesktopNotifications | TrayNotifications, may_show: Callable[[], bool]
    ) -> None:
        self.find_problem = notifier.find_problem
        self._show = notifier.show
        self._may_show = may_show

    async def show(self, title: str, body: str) -> str:
        return await self._show(title, body) if self._may_show() else ""

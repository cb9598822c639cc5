"""Composes what surrounds the panes: window, commands, error reports, status, tray and help."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from ibconsole.clock import now_ms
from ibconsole.plural import counted
from ibconsole.services.console import Console
from ibconsole.ui import shell as ui_shell
from ibconsole.ui.shell import (
    ErrorReporter,
    FailureLog,
    MainWindow,
    SavedLayout,
    StatusWatch,
    WindowCommands,
    WindowPresenter,
    WindowState,
    launch_sandbox,
)
from ibconsole.ui.toolkit import Command, Group, StatusText, Theme, UiTasks, application_icon
from ibconsole.ui.tray import TrayPresenter, describe_sources
from ibconsole.ui.widgets import open_dialog
from ibconsole.wiring.first_frame import OpenedWindow
from ibconsole.wiring.services import Services


class Shell(msgspec.Struct, frozen=True):
    """The window and what its presenters share."""

    window: MainWindow
    presenter: WindowPresenter
    commands: WindowCommands
    errors: ErrorReporter
    watch: StatusWatch
    tasks: UiTasks
    theme: Theme
    state: WindowState


async def enter_shell(stack: AsyncExitStack, services: Services, opened: OpenedWindow) -> Shell:
    """Build the panes of the window, and report every failure of its tasks from now on.

    On the way out the stack stops the status watch, and then ends the window's tasks.
    """
    paths, redactor = services.console.paths, services.console.redactor
    window, theme, window_state = opened.window, opened.theme, opened.state
    tasks = UiTasks(window)
    stack.push_async_callback(tasks.close)
    for _ in window.filling(services.reader, theme, record=services.record):
        await asyncio.sleep(0)
    window.codes.follow_policy(services.console.status.why_codes_masked)
    window.setWindowIcon(application_icon())
    failures = FailureLog(window)
    commands = WindowCommands(window, theme, window_state, failures)
    SavedLayout(window, theme, window_state)
    presenter = WindowPresenter(window, commands.view)
    errors = ErrorReporter(window, window.toasts, failures, redactor.redact, logs=paths.logs)
    tasks.failed.connect(errors.show)
    watch = StatusWatch(services.console, services.reader, tasks, str(paths.archive), window)
    stack.callback(watch.stop)
    watch.changed.connect(presenter.show_status)
    watch.changed.connect(lambda status: window.codes.follow_policy(status.why_codes_masked))
    return Shell(window, presenter, commands, errors, watch, tasks, theme, window_state)


def present_tray(shell: Shell, tray: TrayPresenter) -> None:
    """Show the sources of this window in the tray, and offer to keep the window there."""
    window = shell.window

    def describe() -> tuple[StatusText, ...]:
        is_failing = not window.setup.failure.isHidden()
        zone = window.time_display.zone
        return describe_sources(shell.watch.status, now_ms(), zone, is_failing=is_failing)

    shell.commands.offer((tray.add(window, describe),))
    shell.watch.changed.connect(tray.update)
    window.closed.connect(lambda: tray.remove(window))


def offer_help(shell: Shell, console: Console) -> None:
    """Add the commands for the program itself, last in their menus, and order the menus."""
    window = shell.window

    def open_about() -> None:
        facts = {"Archive": counted(console.status.archive.messages, "message")}
        open_dialog(ui_shell.AboutDialog(_directories(console), facts, shell.theme, window))

    shell.commands.offer(
        (
            Command("Try the sandbox", Group.HELP, launch_sandbox, icon_name="play", parent=window),
            Command("About ibconsole", Group.HELP, open_about, icon_name="info", parent=window),
        )
    )
    shell.commands.menus.arrange()


def _directories(console: Console) -> dict[str, Path]:
    """Return the directories that ibconsole writes to, by the names of their contents."""
    return {
        "Data": console.paths.data,
        "Settings": console.paths.settings.parent,
        "Logs": console.paths.logs,
    }

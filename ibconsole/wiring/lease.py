"""Composes borrowed routes: the dialog, the countdown, and what is said when nothing comes."""

from typing import TYPE_CHECKING

from ibconsole.lazy import LazyModule
from ibconsole.model import Application
from ibconsole.services.console import RemoteDiagnosis, RemoteLeases
from ibconsole.services.runtime import Status
from ibconsole.ui.lease import CatchPresenter, LeaseCountdown
from ibconsole.ui.setup import SetupPresenter, SetupSelection
from ibconsole.ui.shell import WindowState
from ibconsole.ui.toolkit import Permit
from ibconsole.wiring.services import Services
from ibconsole.wiring.shell import Shell

if TYPE_CHECKING:
    from ibconsole.services import intake
    from ibconsole.ui import lease
else:  # imported when a route is borrowed first
    intake = LazyModule("ibconsole.services.intake")
    lease = LazyModule("ibconsole.ui.lease")


def present_leases(
    shell: Shell,
    services: Services,
    selection: SetupSelection,
    setup: SetupPresenter,
    state: WindowState,
    permit: Permit,
) -> LeaseCountdown:
    """Offer to borrow the route of the selected application, through `permit`; count down."""
    window, tasks, theme = shell.window, shell.tasks, shell.theme
    remote = RemoteLeases(services.engine, services.console)
    presenter = CatchPresenter(window, selection, remote, state, tasks, theme)
    presenter.permit = permit
    presenter.wanted_port = lambda: _wanted_port(shell)
    presenter.lent.connect(window.toasts.show)
    countdown = LeaseCountdown(window, remote, tasks, theme, window.time_display)
    window.status.add_item(countdown.item)
    countdown.lent = presenter.checks
    countdown.permit = permit
    countdown.on_frame.connect(window.frame.show_countdown)
    countdown.notice_raised.connect(shell.errors.show_notice)
    countdown.ended.connect(lambda _: setup.reload())
    setup.application_changed.connect(lambda _: presenter.update_command())
    shell.watch.changed.connect(presenter.show_status)
    shell.watch.changed.connect(countdown.show_status)
    _offer(shell, presenter, countdown)
    _explain_silence(shell, services, selection, setup, presenter)
    return countdown


def _wanted_port(shell: Shell) -> int:
    """Return the port that is chosen in the listener's tab, the default one if none was."""
    pane = shell.window.late.listener.built
    return pane.toolbar.port.value() if pane else intake.DEFAULT_PORT


def _offer(shell: Shell, presenter: CatchPresenter, countdown: LeaseCountdown) -> None:
    panes = shell.window.setup
    shell.commands.offer((presenter.catch_here, *countdown.commands))
    panes.actions_pane.catch.follow(presenter.catch_here)
    for table in (panes.applications_pane.table, panes.actions_pane.table):
        presenter.catch_here.add_to(table)  # in its context menu as well


def _explain_silence(
    shell: Shell,
    services: Services,
    selection: SetupSelection,
    setup: SetupPresenter,
    presenter: CatchPresenter,
) -> None:
    """Say when nothing comes over a borrowed route; what does is made with the first route."""
    window = shell.window
    made: list[lease.SilenceNotice] = []

    def find(code: str) -> Application | None:
        listed = selection.cache.applications.items if selection.cache.applications else ()
        return next((one for one in listed if one.code == code), None)

    def show_findings(code: str) -> None:
        if found := find(code):
            setup.go_to(found)
        shell.commands.view.show_tab(window.health)

    def make() -> "lease.SilenceNotice":
        diagnosis = RemoteDiagnosis(services.engine, services.console)
        notice = lease.SilenceNotice(diagnosis, find, presenter.checks, shell.tasks, shell.theme)
        notice.findings_requested.connect(show_findings)
        notice.add_to(window.messages.page)
        window.late.listener.when_built(lambda pane: notice.add_to(pane.page))
        return notice

    def follow(status: Status) -> None:
        if status.leases and not made:
            made.append(make())
        for notice in made:
            notice.show_status(status)

    shell.watch.changed.connect(follow)

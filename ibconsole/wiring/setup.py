"""Composes the upper half of the window: saved connections, and the setup of the open one."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from ibconsole.errors import Severity
from ibconsole.model import Application
from ibconsole.services import doctor, team
from ibconsole.services.connections import Connections, SettingsFile, Vault
from ibconsole.services.console import (
    RemoteComparison,
    RemoteConnections,
    RemoteDiagnosis,
    RemotePlans,
    RemoteProtection,
    RemoteSetup,
    RemoteSetupFiles,
    RemoteTeam,
)
from ibconsole.services.diagnosis import Finding, forget_health
from ibconsole.services.setup import history, lease
from ibconsole.ui import diagnosis, timeline
from ibconsole.ui.connections import (
    ConnectionsPresenter,
    KeyringDoctor,
    PostmanExport,
    ProtectionPresenter,
)
from ibconsole.ui.diagnosis import HealthPresenter
from ibconsole.ui.palette import FindingSearch, SetupSearch
from ibconsole.ui.plans import PlanPresenter, SetupFilePresenter, UndoPresenter
from ibconsole.ui.setup import ChangesPresenter, SetupPresenter, SetupSelection
from ibconsole.ui.shell import launch_sandbox
from ibconsole.ui.team import TeamPresenter
from ibconsole.ui.timeline import ComparePresenter
from ibconsole.ui.toolkit import Command, Group, Permit
from ibconsole.wiring.services import Services
from ibconsole.wiring.shell import Shell


def saved_connections(services: Services, vault: Vault) -> Connections:
    """Return the saved connections, whose secrets are in the vault; nothing is read yet."""
    console = services.console

    def forget(uuid: str) -> None:
        forget_health(console.paths.health, uuid)
        team.forget_targets(console.paths.archive, uuid)

    return Connections(
        SettingsFile(console.paths.settings),
        vault,
        console.forward_paths,
        forget=forget,
        require_unneeded=lambda uuid: lease.require_unlent(console.paths.archive, uuid),
        team_objection=lambda database: console.protection.policy().team_objection(database),
    )


def present_connections(
    shell: Shell, services: Services, connections: Connections, vault: Vault
) -> ConnectionsPresenter:
    """Offer the saved connections.

    The keyring and the platform are reached on the engine's loop. Nothing is read or opened
    before `ConnectionsPresenter.start`.
    """
    window, tasks, theme = shell.window, shell.tasks, shell.theme
    remote = RemoteConnections(services.engine, services.console, connections)
    presenter = ConnectionsPresenter(window.bar, window.connecting, remote, tasks, theme)
    keyring = KeyringDoctor(
        lambda: services.engine.call(doctor.probe_keyring, vault), tasks, theme, window
    )
    presenter.page_changed.connect(shell.presenter.show_setup_page)
    presenter.doctor_requested.connect(keyring.open)
    presenter.notice_raised.connect(shell.errors.show_notice)
    shell.watch.changed.connect(presenter.show_status)
    window.greeting.add_requested.connect(presenter.add.trigger)
    window.greeting.sandbox_requested.connect(launch_sandbox)
    window.setup.failure.follow(presenter.edit)
    shell.commands.offer(presenter.commands)
    _offer_postman(shell, presenter)
    _present_team(shell, RemoteTeam(services.engine, services.console, connections), presenter)
    return presenter


def _offer_postman(shell: Shell, connections: ConnectionsPresenter) -> None:
    """Offer to save the calls of the platform as a collection."""
    postman = PostmanExport(lambda: connections.opened, shell.tasks, shell.window)
    postman.notice_raised.connect(shell.errors.show_notice)
    connections.settings_changed.connect(postman.follow)
    shell.watch.changed.connect(postman.follow)
    shell.commands.offer((postman.export,))


def _present_team(shell: Shell, remote: RemoteTeam, connections: ConnectionsPresenter) -> None:
    """Show how far what is received is shared with teams."""
    window = shell.window
    presenter = TeamPresenter(remote, shell.tasks, shell.theme, window, window.time_display)
    presenter.notice_raised.connect(shell.errors.show_notice)
    connections.settings_changed.connect(presenter.check)
    window.status.team_clicked.connect(presenter.show_team.trigger)
    shell.watch.changed.connect(presenter.show_status)
    shell.commands.offer((presenter.show_team,))


def present_protection(shell: Shell, services: Services) -> ProtectionPresenter:
    """Show the lock of the current connection, and offer to unlock it."""
    remote = RemoteProtection(services.engine, services.console)
    presenter = ProtectionPresenter(shell.window.bar, remote, shell.tasks, shell.theme)
    presenter.notice_raised.connect(shell.errors.show_notice)
    shell.watch.changed.connect(presenter.show_status)
    shell.commands.offer(presenter.commands)
    return presenter


def present_setup(
    shell: Shell, services: Services, selection: SetupSelection, permit: Permit
) -> SetupPresenter:
    """Show the setup of the current connection; the rest of the window follows the selection.

    Changes run through `permit`.
    """
    window = shell.window
    remote = RemoteSetup(services.engine, services.console)
    presenter = SetupPresenter(window.setup, selection, remote, shell.tasks)
    ChangesPresenter(window.setup, selection, remote.for_connection, shell.tasks, permit)
    shell.watch.changed.connect(presenter.show_status)
    window.refresh_requested.connect(presenter.refresh)
    presenter.reachability_changed.connect(window.bar.show_reachability)
    presenter.applications_changed.connect(shell.presenter.add_applications)
    presenter.application_changed.connect(shell.presenter.select_application)
    return presenter


def present_plans(
    shell: Shell,
    services: Services,
    selection: SetupSelection,
    setup: SetupPresenter,
    permit: Permit,
) -> PlanPresenter:
    """Offer to undo changes, and to apply and clone setups, through `permit`; offer exports."""
    window, tasks, theme = shell.window, shell.tasks, shell.theme
    remote = RemotePlans(services.engine, services.console)
    presenter = PlanPresenter(window, selection, remote, tasks, theme)
    presenter.permit = permit
    presenter.finished.connect(window.setup.changed)
    presenter.touched.connect(setup.refresh)
    undo = UndoPresenter(presenter, remote, tasks, theme, window.time_display)
    undo.follow(window.setup)
    setup_files = RemoteSetupFiles(services.engine, services.console, remote)
    files = SetupFilePresenter(presenter, setup_files, tasks, theme)
    setup.application_changed.connect(files.select_application)
    for follower in (undo, files):
        _follow_connection(shell, follower)
        shell.commands.offer(follower.commands)
    return presenter


def _follow_connection(shell: Shell, follower: UndoPresenter | SetupFilePresenter) -> None:
    shell.watch.changed.connect(lambda status: follower.show_connection(status.connection))


def present_health(
    shell: Shell,
    services: Services,
    selection: SetupSelection,
    setup: SetupPresenter,
    plans: PlanPresenter,
) -> HealthPresenter:
    """Show the health of all applications, which is filled in the background."""
    pane = shell.window.setup.applications_pane
    remote = RemoteDiagnosis(services.engine, services.console)
    presenter = HealthPresenter(pane.health, remote, shell.tasks)
    presenter.changed.connect(lambda: pane.show_health(presenter.report))
    shell.watch.changed.connect(presenter.show_status)
    setup.applications_changed.connect(presenter.check)
    setup.listing_refused.connect(presenter.check_refused)

    def on_change_toggled(on: bool) -> None:  # noqa: FBT001 carried by a signal
        if not on and selection.application:
            presenter.check_again(selection.application.code)

    selection.change_toggled.connect(on_change_toggled)
    plans.touched.connect(lambda codes: presenter.check_again(*codes))
    shell.window.late.health.when_built(
        lambda pane: _present_findings(pane, shell, remote, presenter, selection, setup)
    )
    return presenter


def _present_findings(
    pane: "diagnosis.HealthPane",
    shell: Shell,
    remote: RemoteDiagnosis,
    health: HealthPresenter,
    selection: SetupSelection,
    setup: SetupPresenter,
) -> None:
    """Show the findings of the selected application, and of all; lead to their remedies."""
    presenter = diagnosis.DiagnosisPresenter(pane, remote, shell.tasks)
    presenter.show_status(shell.watch.status)
    presenter.select_application(selection.application)
    presenter.show_report(health.report)
    health.changed.connect(lambda: presenter.show_report(health.report))
    presenter.mutes_changed.connect(lambda: health.check_again(""))
    setup.application_changed.connect(presenter.select_application)
    shell.watch.changed.connect(presenter.show_status)

    def open_application(code: str) -> None:
        listed = selection.cache.applications.items if selection.cache.applications else ()
        if found := next((one for one in listed if one.code == code), None):
            setup.go_to(found)

    pane.application_requested.connect(open_application)
    pane.remedy_requested.connect(lambda name: _run_remedy(shell, name))
    _offer_findings(pane, shell, presenter, open_application)


def _run_remedy(shell: Shell, name: str) -> None:
    """Run the command of this name on what the selected finding is about."""
    pane, actions = shell.window.health, shell.window.setup.actions_pane
    if pane.finding and pane.finding.subject.action:
        actions.select_action(pane.finding.subject.action)
    command = next((one for one in shell.commands.menus.commands if one.name == name), None)
    if command is None:
        pane.show_outcome(Severity.INFO, f"{name}: there is no such command in the sandbox.")
    elif command.disabled_reason:
        pane.show_outcome(Severity.INFO, f"{name}: {command.disabled_reason}")
        if command in actions.commands:  # the finding is about several: the user chooses one
            actions.table.setFocus()
    else:
        command.trigger()


def _offer_findings(
    pane: "diagnosis.HealthPane",
    shell: Shell,
    presenter: "diagnosis.DiagnosisPresenter",
    open_application: Callable[[str], None],
) -> None:
    """Offer the list of all findings, and let the palette search them."""

    def show_all() -> None:
        shell.commands.view.show_tab(shell.window.health)  # placed when asked for
        pane.show_all_findings()

    def open_finding(finding: Finding) -> None:
        shell.commands.view.show_tab(shell.window.health)
        pane.all_findings.setChecked(not finding.subject.application)
        open_application(finding.subject.application)
        pane.select_finding(finding)

    all_findings = Command("Show all findings", Group.SETUP, show_all, parent=pane)
    shell.commands.offer((all_findings,))
    # Not for the whole window: their shortcut works in the list of findings alone.
    shell.commands.menus.add(pane.commands, "Findings")
    shell.commands.search_providers.append(
        FindingSearch(lambda: presenter.findings, open_finding, pane.explain_number)
    )


def present_comparisons(
    shell: Shell, services: Services, selection: SetupSelection, connections: Connections | None
) -> ComparePresenter:
    """Offer to compare the selected applications, with those of saved connections as well."""
    pane = shell.window.setup.applications_pane

    def listed() -> Sequence[Application]:
        return selection.cache.applications.items if selection.cache.applications else ()

    presenter = ComparePresenter(
        RemoteComparison(services.engine, services.console, connections),
        shell.tasks,
        shell.theme,
        shell.window,
        selected=lambda: pane.table.selected_records,
        listed=listed,
    )
    shell.watch.changed.connect(presenter.show_status)
    shell.commands.offer((presenter.compare,))
    presenter.compare.add_to(pane.table)  # in its context menu as well
    return presenter


def present_timeline(
    closing: AsyncExitStack,
    shell: Shell,
    services: Services,
    selection: SetupSelection,
    setup: SetupPresenter,
    comparisons: ComparePresenter,
) -> None:
    """Show the timeline of the selected application; `closing` ends its reader."""
    window = shell.window

    def present(pane: "timeline.TimelinePane") -> None:
        reader = history.TimelineReader(services.console.paths.archive, services.record)
        closing.push_async_exit(reader)
        # Before the presenter: what it reads for a tab that appears gives way to the question.
        pane.worked_requested.connect(lambda: shell.commands.view.show_tab(window.timeline))
        presenter = timeline.TimelinePresenter(pane, reader, shell.tasks)
        presenter.show_status(shell.watch.status)
        presenter.select_application(selection.application)
        presenter.comparison_requested.connect(lambda *of: comparisons.compare_points(reader, *of))
        setup.application_changed.connect(presenter.select_application)
        shell.watch.changed.connect(presenter.show_status)

    window.late.timeline.when_built(present)


def offer_setup_commands(
    shell: Shell, selection: SetupSelection, presenter: SetupPresenter
) -> None:
    """Offer the commands of the setup panes, and let the palette search the setup."""
    panes, commands = shell.window.setup, shell.commands
    commands.offer(panes.applications_pane.commands)
    commands.offer(panes.configuration_pane.commands, "Configuration")
    commands.offer(panes.actions_pane.commands, "Action")
    # Before the findings: the name of an application means the application.
    search = SetupSearch(selection.cache, presenter.go_to, shell.window.codes)
    commands.search_providers.insert(1, search)

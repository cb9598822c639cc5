"""Composes cases: what each pane offers to pin, their dialog, and their export."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from ibconsole.errors import Severity
from ibconsole.lazy import LazyModule
from ibconsole.model import Application
from ibconsole.plural import counted
from ibconsole.services import forward_test as tests
from ibconsole.services.connections import Connections
from ibconsole.services.console import RemoteDiagnosis
from ibconsole.services.diagnosis import HealthReport, HealthState
from ibconsole.services.messages import on_disk
from ibconsole.ui import activity, diagnosis, forward_test, listener, timeline
from ibconsole.ui.evidence import (
    MOST_PINNED,
    CaseExportPresenter,
    CasesPresenter,
    PinCommands,
    PinOffer,
    PinPlace,
    PinPlaces,
)
from ibconsole.ui.setup import SetupSelection
from ibconsole.ui.shell import launch_case
from ibconsole.ui.toolkit import Command
from ibconsole.wiring.services import Services
from ibconsole.wiring.shell import Shell

if TYPE_CHECKING:
    from ibconsole.services.diagnosis import Facts
    from ibconsole.services.evidence import async_cases, cases, redaction
    from ibconsole.services.evidence.async_cases import PinningWork
else:  # imported with the first pin, or with the dialog
    async_cases = LazyModule("ibconsole.services.evidence.async_cases")
    cases = LazyModule("ibconsole.services.evidence.cases")
    redaction = LazyModule("ibconsole.services.evidence.redaction")

_NO_APPLICATION = "No application is selected."
_AFTER_THE_START_MS = 1500  # when the panes have what they need
_SETUP_READ = "The setup is read first."
_PASSING = "The cases of this window are deleted when it is closed: export them before."


def present_cases(
    shell: Shell,
    services: Services,
    selection: SetupSelection,
    report: Callable[[], HealthReport],
    saved: Connections | None,
) -> CasesPresenter:
    """Offer to pin what is selected, and the cases with their exports.

    `report` returns the health of all applications. The secrets of the `saved` connections must
    be in no export; None if there are none.
    """
    window, tasks = shell.window, shell.tasks

    @cache
    def store() -> "async_cases.AsyncCases":
        return async_cases.AsyncCases(cases.CaseStore(services.console.paths.data))

    offers = _Offers(shell, services, selection, report)
    places = PinPlaces(window.tabs, offers.whole_setup, window)

    def suggested_title() -> str:
        name = shell.watch.status.connection.name
        return f"{name or 'Case'}, {datetime.now().astimezone():%Y-%m-%d}"

    pins = PinCommands(
        places,
        store,
        tasks,
        window.toasts,
        window,
        suggested_title=suggested_title,
    )
    _add_places(places, offers, shell, (pins.pin, pins.pin_and_export))
    presenter = CasesPresenter(
        store, tasks, shell.theme, window, window.time_display, suggested_title=suggested_title
    )
    export = CaseExportPresenter(
        store, lambda: _exports(services, saved), tasks, window.toasts, window, shell.state
    )
    presenter.export_requested.connect(export.open)
    pins.export_requested.connect(export.open)
    presenter.current_changed.connect(pins.follow_current)
    presenter.run_requested.connect(lambda case: launch_case(case, services.console.paths.data))
    pins.case_changed.connect(presenter.refresh)
    shell.commands.offer(pins.commands)
    shell.commands.offer(presenter.commands)
    window.bar.offer(presenter.open_cases)
    if saved is None:  # a demo, or a case that runs: its directory is a temporary one
        _say_that_cases_pass(shell, pins, presenter)
    timer = QTimer(pins, singleShot=True, interval=_AFTER_THE_START_MS)
    timer.timeout.connect(pins.follow_current)
    window.closed.connect(timer.stop)
    timer.start()
    return presenter


def _say_that_cases_pass(shell: Shell, pins: PinCommands, presenter: CasesPresenter) -> None:
    """Say with the first change of a case that it must be exported to be kept."""
    said: list[bool] = []

    def say() -> None:
        if not said:
            said.append(True)
            shell.errors.show_notice(Severity.INFO, _PASSING)

    pins.case_changed.connect(lambda _: say())
    presenter.current_changed.connect(say)


def _exports(services: Services, saved: Connections | None) -> "async_cases.AsyncExports":
    """Return the exports, which know every secret of the console."""
    console = services.console

    async def gather() -> "redaction.KnownSecrets":
        accounts = saved or async_cases.NoSavedAccounts()
        paths = await asyncio.to_thread(console.forward_paths.all_paths)

        async def work() -> "redaction.KnownSecrets":
            return await redaction.gather_secrets(accounts, paths=paths)

        known = await services.engine.call(work)
        opened = [
            redaction.KnownSecret("secret of an open connection", one)
            for one in console.redactor.secrets
        ]
        return known.joined_with(redaction.KnownSecrets(secrets=tuple(opened)))

    store = cases.CaseStore(console.paths.data)
    return async_cases.AsyncExports(store, gather, console.protection.policy)


def _add_places(
    places: PinPlaces, offers: "_Offers", shell: Shell, commands: Sequence[Command]
) -> None:
    """Name the places, and offer the command in their context menus."""
    window = shell.window
    messages, setup = window.messages, window.setup
    places.add(
        PinPlace(messages, "Messages", offers.messages),
        messages.table.selectionModel().selectionChanged,
    )
    _offer_in(messages.table, commands)
    places.add_inspector(window.inspector)
    window.inspector.menu.addSeparator()
    window.inspector.menu.addActions(commands)
    places.add(
        PinPlace(setup.applications_pane, "Applications", offers.applications),
        setup.applications_pane.table.selection_changed,
    )
    _offer_in(setup.applications_pane.table, commands)
    for pane, title in (
        (setup.configuration_pane, "Configuration"),
        (setup.actions_pane, "Actions"),
        (setup.route, "Route"),
    ):
        places.add(PinPlace(pane, title, offers.applications))
    _offer_in(setup.actions_pane.table, commands)
    _add_late_places(places, offers, shell, commands)


def _add_late_places(
    places: PinPlaces, offers: "_Offers", shell: Shell, commands: Sequence[Command]
) -> None:
    """Name the tabs that are built when they are needed."""
    late = shell.window.late

    def add_listener(pane: "listener.ListenerPane") -> None:
        place = PinPlace(pane, "Listener", lambda: offers.requests(pane))
        places.add(place, pane.table.selectionModel().selectionChanged)
        _offer_in(pane.table, commands)

    def add_tests(pane: "forward_test.ForwardTestPane") -> None:
        place = PinPlace(pane, "Forward test", lambda: offers.test(pane))
        places.add(place, pane.results.shown_changed)
        _offer_in(pane.results.previous_tests, commands)

    def add_activity(pane: "activity.ActivityPane") -> None:
        places.add(PinPlace(pane, "Activity", lambda: offers.entry(pane)), pane.entry_selected)
        _offer_in(pane.table, commands)

    def add_findings(pane: "diagnosis.HealthPane") -> None:
        place = PinPlace(pane, "Health", lambda: offers.finding(pane))
        places.add(place, pane.table.selection_changed)
        _offer_in(pane.table, commands)

    def add_timeline(pane: "timeline.TimelinePane") -> None:
        place = PinPlace(pane, "Timeline", lambda: offers.timeline(pane))
        places.add(place, pane.chart.period_changed)
        _offer_in(pane.views.events, commands)

    late.listener.when_built(add_listener)
    late.forward_test.when_built(add_tests)
    late.activity.when_built(add_activity)
    late.health.when_built(add_findings)
    late.timeline.when_built(add_timeline)
    late.audit.when_built(lambda pane: places.add(PinPlace(pane, "Audit", _only_pictures)))
    late.redelivery.when_built(
        lambda pane: places.add(PinPlace(pane, "Redelivery", _only_pictures))
    )


def _offer_in(table: QWidget, commands: Sequence[Command]) -> None:
    """Offer commands in the context menu of a table, after a line."""
    line = QAction(table)
    line.setSeparator(True)
    table.addAction(line)
    for command in commands:
        command.add_to(table)


def _only_pictures() -> PinOffer:
    return PinOffer(reason="Of this tab a picture can be pinned, and nothing else.")


class _Offers:
    """The offers of the panes at the moment."""

    def __init__(
        self,
        shell: Shell,
        services: Services,
        selection: SetupSelection,
        report: Callable[[], HealthReport],
    ) -> None:
        self._shell = shell
        self._services = services
        self._selection = selection
        self._report = report
        self._diagnosis = RemoteDiagnosis(services.engine, services.console)

    def messages(self) -> PinOffer:
        pane = self._shell.window.messages
        if reason := _objection(pane.selected_count, "message"):
            return PinOffer(reason=reason)
        find, name = self._services.record.locate, self._shell.watch.status.connection.name
        ids = tuple(pane.selected_ids)
        return _offer(
            _named(len(ids), "message"), lambda: async_cases.messages_to_pin(find, ids, name)
        )

    def requests(self, pane: "listener.ListenerPane") -> PinOffer:
        runs = pane.table.selected_runs()
        if reason := _objection(sum(map(len, runs)), "request"):
            return PinOffer(reason=reason)
        find, ids = on_disk(self._services.console.paths.archive), pane.model.ids_of(runs)
        return _offer(_named(len(ids), "request"), lambda: async_cases.deliveries_to_pin(find, ids))

    def test(self, pane: "forward_test.ForwardTestPane") -> PinOffer:
        shown = pane.results.shown
        if shown is None:
            return PinOffer(reason="No result of a forward test is shown.")

        def work() -> "PinningWork":
            record = tests.to_record(shown)
            return lambda pins: iter((pins.forward_test(record),))

        return _offer("the forward test", work)

    def entry(self, pane: "activity.ActivityPane") -> PinOffer:
        entry = pane.entry
        if entry is None:
            return PinOffer(reason="No request is selected.")
        return _offer("the request", lambda: async_cases.requests_to_pin([entry]))

    def timeline(self, pane: "timeline.TimelinePane") -> PinOffer:
        shown, period = pane.timeline, pane.chart.period
        if shown is None:
            return PinOffer(reason="No timeline is shown.")
        since = None if pane.chart.is_whole else period.since
        name = self._shell.window.names(shown.application)
        return _offer(
            f"the timeline of {name}",
            lambda: async_cases.timeline_to_pin(shown, since, period.until, name),
        )

    def finding(self, pane: "diagnosis.HealthPane") -> PinOffer:
        finding, known = pane.finding, self._report().facts
        if finding is None:
            return PinOffer(reason="No finding is selected.")
        facts = [one for one in (pane.facts, known) if one is not None]
        if not facts:
            return PinOffer(reason="The facts behind the finding are not known any more.")
        return _offer(
            f"finding {finding.name}", lambda: async_cases.findings_to_pin(facts, [finding])
        )

    def applications(self) -> PinOffer:
        pane = self._shell.window.setup.applications_pane
        chosen: Sequence[Application] = pane.table.selected_records
        if not chosen:
            return PinOffer(reason=_NO_APPLICATION)
        if len(chosen) > 1:
            return PinOffer(reason="Several applications are selected, and this takes one.")
        application = chosen[0]

        async def gather() -> "PinningWork":
            found = await self._diagnosis.diagnose(application)
            return async_cases.setup_to_pin(found.facts, [application.code])

        return PinOffer(f"the setup of {application.name}", gather, waits=_SETUP_READ)

    def whole_setup(self) -> PinOffer:
        report = self._report()
        if report.state is not HealthState.DONE or report.facts is None:
            return PinOffer(reason="Not all applications were read yet; try again in a moment.")
        facts: Facts = report.facts
        return _offer(
            "the setup of all applications", lambda: async_cases.setup_to_pin(facts, [""])
        )


def _offer(noun: str, make: "Callable[[], PinningWork]") -> PinOffer:
    """Return an offer whose work is made at once."""

    async def gather() -> "PinningWork":
        return make()

    return PinOffer(noun, gather)


def _objection(count: int, noun: str) -> str:
    """Return why this number cannot be pinned; empty if it can."""
    if not count:
        return f"No {noun} is selected."
    most = counted(MOST_PINNED, noun)
    return f"At most {most} can be pinned at once." if count > MOST_PINNED else ""


def _named(count: int, noun: str) -> str:
    return f"the {noun}" if count == 1 else counted(count, noun)

"""Scenarios in the window, from a click to the simulated platform and back."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from ibconsole.model.application import Application
from ibconsole.services.diagnosis.catalogue.catalogue import definition_of
from ibconsole.services.diagnosis.catalogue.definition import WindowCommand
from ibconsole.ui.setup.action_dialog import NewActionDialog
from ibconsole.ui.setup.applications import identity_of
from ibconsole.ui.shell.window_commands import WindowCommands
from ibconsole.ui.shell.window_presenter import WindowPresenter
from ibconsole.ui.tables.records_model import RecordRole
from ibconsole.ui.timeline.compare_dialog import CompareDialog
from ibconsole.ui.toolkit.commands import Command
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.e2e.conftest import ScenarioRunner, WindowSession

# The sandbox's application without a configuration.
UNCONFIGURED = "Marigold Retail"
# A finding about several actions leaves the choice to the user.
ABOUT_ACTIONS = {WindowCommand.DELETE_ACTION, WindowCommand.REPLACE_ACTION}
CHOOSE = "No action is selected."


def applications(session: WindowSession) -> list[Application]:
    model = session.window.setup.applications_pane.table.model()
    return [model.index(row, 0).data(RecordRole) for row in range(model.rowCount())]


async def select_application(session: WindowSession, name: str) -> None:
    """Select an application in the list."""
    await session.until(lambda: bool(applications(session)))
    row = [one.name for one in applications(session)].index(name)
    session.window.setup.applications_pane.table.selectRow(row)


def dialog(session: WindowSession) -> QDialog | None:
    found = [one for one in session.window.findChildren(QDialog) if one.isVisible()]
    return found[-1] if found else None


async def confirm(session: WindowSession) -> None:
    await session.until(lambda: isinstance(dialog(session), ConfirmDialog))
    question = dialog(session)
    assert isinstance(question, ConfirmDialog)
    question.proceed.click()
    await session.until(lambda: dialog(session) is None)


async def comparison(session: WindowSession) -> CompareDialog:
    """Return the dialog that compares two setups, once both are read."""
    await session.until(lambda: isinstance(dialog(session), CompareDialog))
    shown = dialog(session)
    assert isinstance(shown, CompareDialog)
    table = shown.table
    await session.until(lambda: table.total)
    return shown


def test_the_life_cycle_of_a_forward_action(run_scenario: ScenarioRunner) -> None:
    """A configuration and an action are created, a message arrives, the action is deleted."""

    async def scenario(session: WindowSession) -> None:
        window, panes = session.window, session.window.setup
        await select_application(session, UNCONFIGURED)
        create = panes.configuration_pane.notice.action
        await session.until(create.isVisible)
        create.click()
        await session.until(lambda: panes.configuration_pane.has_content)

        await session.until(panes.actions_pane.new.isEnabled)
        panes.actions_pane.new.click()
        await session.until(lambda: isinstance(dialog(session), NewActionDialog))
        new = dialog(session)
        assert isinstance(new, NewActionDialog)
        new.form.use_listener.click()
        assert new.form.url.text() == window.status.url.text()
        await session.until(new.submit.isEnabled)
        new.submit.click()
        await session.until(lambda: panes.actions_pane.table.total == 1)

        [code] = [one.code for one in applications(session) if one.name == UNCONFIGURED]
        before = window.listener.model.rowCount()
        await session.control("messages", count=1, application=code, fields={"text": "planted"})
        await session.until(lambda: window.listener.model.rowCount() > before)
        await session.until(lambda: "planted" in texts(session))

        panes.actions_pane.table.selectRow(0)
        await session.until(panes.actions_pane.delete.isEnabled)
        panes.actions_pane.delete.click()
        await confirm(session)
        await session.until(lambda: not panes.actions_pane.has_content)
        await session.until(lambda: "deleted" in " ".join(reports(session)))

    run_scenario(scenario)


def reports(session: WindowSession) -> list[str]:
    return [toast.text.text() for toast in session.window.toasts.shown]


def texts(session: WindowSession) -> list[str]:
    model = session.window.messages.model
    return [
        str(model.index(row, column).data())
        for row in range(model.rowCount())
        for column in range(model.columnCount())
    ]


def test_a_pull_needs_consent(run_scenario: ScenarioRunner) -> None:
    """Nothing is pulled before the user agrees; then messages are listed and inspected."""

    async def scenario(session: WindowSession) -> None:
        window = session.window
        await session.until(lambda: bool(applications(session)))
        assert window.messages.toolbar.pulling.pending.text() == ""

        window.messages.toolbar.pulling.limit.setValue(5)
        window.messages.toolbar.pulling.pull.click()
        await session.until(lambda: dialog(session) is not None)
        question = dialog(session)
        assert question
        QTest.keyClick(question, Qt.Key.Key_Escape)
        await session.until(lambda: dialog(session) is None)
        assert "pull" not in texts(session)

        window.messages.toolbar.pulling.pull.click()
        await confirm(session)
        await session.until(lambda: texts(session).count("pull") == 5)
        window.messages.table.selectRow(0)
        await session.until(lambda: window.inspector.shows_something)
        for tab in range(window.inspector.tabs.count()):
            window.inspector.tabs.setCurrentIndex(tab)
        await session.until(lambda: "results" in window.inspector.raw.view.text.toPlainText())

    run_scenario(scenario)


def test_a_failed_refresh_can_be_repeated(run_scenario: ScenarioRunner) -> None:
    """A failed refresh keeps the list and shows the error; the next one removes it."""

    async def scenario(session: WindowSession) -> None:
        failure = session.window.setup.failure
        await session.until(lambda: bool(applications(session)))
        await session.until_checked()
        await session.control("faults", fault="500", times=1, match="GET /push/1/applications")

        QTest.keyClick(session.window, Qt.Key.Key_F5)
        await session.until(failure.isVisible)
        assert "500" in failure.text.text()
        assert applications(session)

        failure.action.click()
        await session.until(lambda: not failure.isVisible())

    run_scenario(scenario)


def proportions_of(sizes: list[int]) -> list[float]:
    """Return the proportions in tenths, because the window may have to fit another screen."""
    return [round(10 * size / sum(sizes)) / 10 for size in sizes]


def test_the_window_state_is_restored(run_scenario: ScenarioRunner) -> None:
    """Colours and proportions are restored at the next start."""
    proportions: list[float] = []

    async def first(session: WindowSession) -> None:
        window = session.window
        await session.until(lambda: bool(applications(session)))
        [dark] = [one for one in window.bar.scheme.menu().actions() if one.text() == "Dark"]
        dark.trigger()
        window.setup.splitter.setSizes([500, 200, 300])
        proportions.extend(proportions_of(window.setup.splitter.sizes()))

    async def second(session: WindowSession) -> None:
        assert session.window.bar.scheme.accessibleName() == "Colours: dark"
        assert proportions_of(session.window.setup.splitter.sizes()) == proportions

    run_scenario(first)
    run_scenario(second)


def test_closing_waits_for_a_pull(run_scenario: ScenarioRunner) -> None:
    """A window that is closed during a pull explains why it stays, and closes afterwards.

    That of the demo is never kept in the tray.
    """

    async def scenario(session: WindowSession) -> None:
        window = session.window
        presenter = window.findChild(WindowPresenter)
        assert presenter
        await session.until(lambda: bool(applications(session)))
        await session.control("faults", fault="slow", times=1, match="inbox")
        window.messages.toolbar.pulling.pull.click()
        await confirm(session)
        await session.until(lambda: not window.messages.toolbar.pulling.pull.isEnabled())
        await session.until(lambda: presenter.pulling)
        assert not [one for one in window.findChildren(Command) if one.name == "Keep in the tray"]

        window.close()
        assert window.isVisible()
        assert "A pull is under way" in window.messages.page.banner.text.text()

        await session.until(lambda: not window.isVisible())

    run_scenario(scenario)


def test_changes_and_differences_are_found_in_a_few_steps(run_scenario: ScenarioRunner) -> None:
    """A command answers what changed since it worked; another one compares what is selected."""

    async def scenario(session: WindowSession) -> None:
        window, table = session.window, session.window.setup.applications_pane.table
        commands = window.findChild(WindowCommands)
        assert commands
        named = {one.name: one for one in commands.menus.commands}
        await select_application(session, "Kestrel Airways")
        named["What changed since it last worked?"].trigger()
        pane = window.timeline
        await session.until(lambda: pane.changes is not None)
        assert window.tabs.currentWidget() is pane
        assert pane.answer.text().startswith("No message")
        pane.compare.trigger()
        shown = await comparison(session)
        assert shown.sides[0].name.startswith("Before ")
        assert shown.view.outcome.text() != "Both setups are equal."
        shown.close_button.click()
        await session.until(lambda: dialog(session) is None)

        table.select_records(*map(identity_of, applications(session)[:2]))
        named["Compare setups…"].trigger()
        shown = await comparison(session)
        assert "differ" in shown.view.outcome.text()
        shown.close_button.click()

    run_scenario(scenario)


def test_the_remedies_of_findings_can_be_used(run_scenario: ScenarioRunner) -> None:
    """Each command that a finding names is there, and enabled for what the finding is about."""

    async def scenario(session: WindowSession) -> None:
        window, pane = session.window, session.window.health
        commands = window.findChild(WindowCommands)
        assert commands
        named = {one.name: one for one in commands.menus.commands}
        # The sandbox has no saved connections.
        assert set(WindowCommand) - named.keys() == {
            WindowCommand.EDIT_CONNECTION,
            WindowCommand.TEST_CONNECTION,
        }
        await session.until_checked()
        window.tabs.setCurrentWidget(pane)
        offered = set()

        def shows(name: str) -> bool:
            return any(row.application == name for row in pane.table.records)

        for name in (UNCONFIGURED, "Lumen Mobile", "Pronto Lunch"):
            await select_application(session, name)
            await session.until(partial(shows, name))
            await session.until(lambda: not window.setup.actions_pane.progress.busy)
            for row in [row for row in pane.table.records if row.finding]:
                pane.table.select_records(row.identity)
                command = definition_of(row.finding.number).command
                one_action = bool(row.finding.subject.action)
                if one_action:
                    window.setup.actions_pane.select_action(row.finding.subject.action)
                if command:
                    offered.add(command)
                    reason = "" if one_action or command not in ABOUT_ACTIONS else CHOOSE
                    assert named[command].disabled_reason in {"", reason}, (name, command)
        assert {WindowCommand.NEW_ACTION, WindowCommand.NEW_CONFIGURATION} <= offered

    run_scenario(scenario)

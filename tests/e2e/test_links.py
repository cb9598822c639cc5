"""Links to what the window shows: copied, and followed after the selection has changed."""

import asyncio
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from ibconsole.files import holder_note
from ibconsole.model.application import Application
from ibconsole.services.diagnosis import Finding
from ibconsole.services.links import hand_over, request_of
from ibconsole.services.runtime.paths import Paths
from ibconsole.ui.links import LinkPresenter
from ibconsole.ui.tables.records_model import RecordRole
from ibconsole.ui.toolkit.commands import Command
from tests.e2e.conftest import ScenarioRunner, WindowSession, open_window


def applications(session: WindowSession) -> list[Application]:
    model = session.window.setup.applications_pane.table.model()
    return [model.index(row, 0).data(RecordRole) for row in range(model.rowCount())]


async def copy_link(session: WindowSession, noun: str) -> str:
    """Run a command that copies a link; return what is in the clipboard then."""
    name = f"Copy link to the {noun}"
    [command] = [one for one in session.window.findChildren(Command) if one.name == name]
    QGuiApplication.clipboard().setText("")
    await session.until(command.isEnabled)
    command.trigger()
    await session.until(QGuiApplication.clipboard().text)
    return QGuiApplication.clipboard().text()


def is_selected(session: WindowSession, application: Application) -> bool:
    return session.window.setup.applications_pane.table.selected_records == [application]


async def follow_to_an_application(session: WindowSession, links: LinkPresenter) -> None:
    last, table = applications(session)[-1], session.window.setup.applications_pane.table
    table.selectRow(len(applications(session)) - 1)
    link = await copy_link(session, "application")
    assert last.code not in link
    table.selectRow(0)

    links.follow(link)
    await session.until(lambda: is_selected(session, last))


async def follow_to_a_message(session: WindowSession, links: LinkPresenter) -> None:
    window, messages = session.window, session.window.messages
    for one in applications(session):
        await session.control("messages", count=2, application=one.code)
    await session.until(lambda: messages.model.rowCount() > 1)
    messages.table.open_row(1)
    message = messages.selection.selected
    link = await copy_link(session, "message")
    messages.search_for("no message has this text")
    await session.until(lambda: not messages.model.rowCount())
    window.tabs.setCurrentIndex(1)

    links.follow(link)
    await session.until(lambda: messages.selection.selected == message)
    assert window.tabs.currentWidget() is messages
    assert window.inspector.isVisible()


async def follow_to_a_finding(session: WindowSession, links: LinkPresenter) -> None:
    window, health = session.window, session.window.health
    window.tabs.setCurrentWidget(health)
    health.show_all_findings()
    await session.until(lambda: health.findings)
    wanted = next(one for one in health.findings if one.subject.application)
    health.select_finding(wanted)
    link = await copy_link(session, "finding")
    window.tabs.setCurrentWidget(window.messages)

    def is_shown() -> bool:
        found: Finding | None = health.finding
        return not health.shows_all and found is not None and found.id == wanted.id

    links.follow(link)
    await session.until(is_shown)
    assert window.tabs.currentWidget() is health
    links.follow(link.replace(f"{wanted.name}/{wanted.id}", f"IBC-9999/{'0' * 20}"))
    await session.until(lambda: "IBC-9999 is not found now" in texts(session))


def texts(session: WindowSession) -> str:
    return " ".join(toast.text.text() for toast in session.window.toasts.shown)


def test_links_lead_back(run_scenario: ScenarioRunner) -> None:
    """Application, message and finding are selected again, whatever is shown meanwhile."""

    async def scenario(session: WindowSession) -> None:
        [links] = session.window.findChildren(LinkPresenter)
        await session.until_checked()
        await follow_to_an_application(session, links)
        await follow_to_a_message(session, links)
        await follow_to_a_finding(session, links)

    run_scenario(scenario)


def test_another_process_brings_the_window_to_the_front(qapp: QApplication, tmp_path: Path) -> None:
    """What another process hands over is followed; a window that is closed leaves no lock."""
    qapp.setQuitOnLastWindowClosed(False)
    lock = Paths(tmp_path).window_lock

    async def work() -> None:
        async with open_window(qapp, tmp_path, demo=False) as session:
            link = request_of("ibconsole://connection/Nowhere")
            session.window.showMinimized()
            await session.until(lambda: holder_note(lock))
            assert await asyncio.to_thread(hand_over, lock, link)
            await session.until(lambda: "is not saved on this computer" in texts(session))
            assert not session.window.isMinimized()
        assert not lock.exists()

    with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
        runner.run(work())

"""From a selected message to a redacted bundle on the disk."""

import zipfile
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from ibconsole.services.evidence.cases.store import CaseStore
from ibconsole.ui.evidence.cases_dialog import CasesDialog
from ibconsole.ui.evidence.export_dialog import CaseExportDialog
from ibconsole.ui.evidence.pin_dialog import PinDialog
from ibconsole.ui.toolkit.commands import Command
from tests.e2e.conftest import ScenarioRunner, WindowSession

CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def command(session: WindowSession, name: str) -> Command:
    [found] = [one for one in session.window.actions() if one.text().startswith(name)]
    assert isinstance(found, Command)
    return found


async def focus(session: WindowSession, widget: QWidget) -> None:
    """Move the focus, as a click does; a dialog that was closed may have it still."""

    def is_focused() -> bool:
        session.window.activateWindow()
        widget.setFocus()
        return widget.hasFocus()

    await session.until(is_focused)


async def dialog_of(session: WindowSession, kind: type) -> list[object]:
    """Wait for a dialog of this kind."""

    def opened() -> list[object]:
        found: list[QWidget] = session.window.findChildren(kind)
        return [one for one in found if one.isVisible()]

    await session.until(opened)
    return opened()


async def begin_case(session: WindowSession, store: CaseStore) -> None:
    """Receive a message, and pin it to a new case."""
    window = session.window
    await session.until_checked()
    for one in window.setup.applications_pane.table.records:
        await session.control("messages", count=1, application=one.code)
    await session.until(window.messages.model.rowCount)
    window.messages.table.open_row(0)
    await focus(session, window.messages.table)
    await session.until(lambda: command(session, "Pin to a case").isEnabled())
    command(session, "Pin to a case").trigger()
    [question] = await dialog_of(session, PinDialog)
    assert isinstance(question, PinDialog)
    question.pin.click()
    await session.until(store.current)
    await session.until(lambda: store.read(store.current()).items)


async def export(session: WindowSession, target: Path) -> int:
    """Export what is selected; return the number of the user's actions."""
    table = session.window.messages.table
    await focus(session, table)
    QTest.keyClick(table, Qt.Key.Key_B, CONTROL_SHIFT)
    [dialog] = await dialog_of(session, CaseExportDialog)
    assert isinstance(dialog, CaseExportDialog)
    dialog.fields.target.setText(str(target))  # in place of the user's own folder
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    await session.until(lambda: dialog.bundle)
    dialog.done_button.click()
    return 2


async def pin_everywhere(session: WindowSession, store: CaseStore) -> None:
    """Pin an application, all of them, a finding and a request."""
    window = session.window
    applications = window.setup.applications_pane.table
    applications.selectRow(0)
    await focus(session, applications)
    command(session, "Pin to case").trigger()
    command(session, "Pin the setup of all").trigger()
    window.tabs.setCurrentWidget(window.health)
    await session.until(lambda: window.health.findings)
    window.health.select_finding(window.health.findings[0])
    await focus(session, window.health.table)
    await session.until(command(session, "Pin to case").isEnabled)
    command(session, "Pin to case").trigger()
    window.tabs.setCurrentWidget(window.listener)
    await session.until(window.listener.model.rowCount)
    window.listener.table.selectRow(0)
    await focus(session, window.listener.table)
    await session.until(command(session, "Pin to case").isEnabled)
    command(session, "Pin to case").trigger()
    await session.until(lambda: len(store.read(store.current()).items) >= 6)


def content_of(bundle: Path) -> bytes:
    with zipfile.ZipFile(bundle) as opened:
        return b"".join(map(opened.read, opened.namelist()))


def test_a_message_is_a_bundle_after_two_actions(
    run_scenario: ScenarioRunner, tmp_path: Path
) -> None:
    """While a case is current, Ctrl+Shift+B and Enter write what is selected, redacted.

    What the panes show is pinned from where the focus is, and the dialog lists it.
    """
    store, bundle = CaseStore(tmp_path / "data"), tmp_path / "case.zip"

    async def scenario(session: WindowSession) -> None:
        await begin_case(session, store)
        message = session.window.messages.record
        assert message
        assert await export(session, bundle) <= 2
        content = content_of(bundle)
        assert b"app-1" in content
        assert message.application_code.encode() not in content
        assert message.sender.encode() not in content

        await pin_everywhere(session, store)
        command(session, "Cases").trigger()
        [cases] = await dialog_of(session, CasesDialog)
        assert isinstance(cases, CasesDialog)
        await session.until(lambda: cases.case)
        assert cases.case
        kinds = sorted(one.kind for one in cases.case.items)
        assert kinds == ["finding", "forward", "message", "message", "setup", "setup"]
        cases.reject()

    run_scenario(scenario)

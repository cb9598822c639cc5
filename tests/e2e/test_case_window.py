"""A case that was exported, opened as a window where nothing else is known."""

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from ibconsole.services.evidence.bundles.case_redaction import ExportChoices
from ibconsole.services.evidence.bundles.export import CaseExport
from ibconsole.services.evidence.case_runs.opening import find_case
from ibconsole.services.evidence.redaction import KnownSecrets
from ibconsole.services.forward_test.rungs import Cause
from ibconsole.ui.evidence.pin_dialog import PinDialog
from ibconsole.ui.toolkit.commands import Command
from tests.e2e.conftest import WindowSession, open_window
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.evidence.cases.samples import full_case


async def pin_the_setup(session: WindowSession) -> None:
    """Pin the setup to a new case, and wait for what is said about it."""
    window = session.window
    commands = {one.name: one for one in window.findChildren(Command)}
    commands["Pin the setup of all applications"].trigger()
    await session.until(lambda: bool(window.findChildren(PinDialog)))
    window.findChildren(PinDialog)[0].pin.click()
    shown = window.toasts.shown
    await session.until(lambda: any("deleted when it" in one.text.text() for one in shown))


def test_a_bundle_opens_as_the_account_of_a_customer(qapp: QApplication, tmp_path: Path) -> None:
    """The window is framed as a case, lists setup and messages, and tests as was recorded.

    The directory of the user is neither read nor written, the window stays in no tray, and a case
    that is pinned in it is said to end with it.
    """
    qapp.setQuitOnLastWindowClosed(False)
    store, case = full_case(tmp_path / "other", CASES[1201])
    bundle, bare = tmp_path / "case.zip", tmp_path / "bare"
    CaseExport(store, KnownSecrets()).export(case.id, bundle, ExportChoices())

    async def work() -> None:
        source = find_case(str(bundle), bare)
        async with open_window(qapp, bare, demo=False, case=source) as session:
            window, bar = session.window, session.window.bar
            applications = window.setup.applications_pane
            await session.until(lambda: applications.table.total == 1)
            await session.until(lambda: window.messages.model.rowCount() > 0)
            await session.until_checked()
            assert bar.environment.text().startswith("CASE \N{MIDDLE DOT} Nothing")
            assert window.frame.isVisible()
            assert "CASE Nothing arrives" in window.windowTitle()
            assert "Keep in the tray" not in {one.name for one in window.findChildren(Command)}
            assert window.messages.page.banner.isVisible()
            forward_test = window.forward_test
            window.tabs.setCurrentWidget(forward_test)
            [url] = source.case.recordings[0].facts.endpoints
            forward_test.test_url(url)
            forward_test.send.click()
            await session.until(lambda: forward_test.results.shown is not None)
            assert (shown := forward_test.results.shown)
            assert shown.cause is Cause.NO_SUCH_NAME
            await pin_the_setup(session)

    with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
        runner.run(work())

    assert not bare.exists()

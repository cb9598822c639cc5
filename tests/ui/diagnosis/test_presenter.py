"""The Health tab follows the selection, and diagnoses only while it is open."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.model.application import Application
from ibconsole.services.connections.settings import Mute
from ibconsole.services.diagnosis.catalogue.finding import Finding
from ibconsole.services.diagnosis.diagnostics import ApplicationDiagnosis
from ibconsole.services.diagnosis.health import HealthReport, HealthState
from ibconsole.services.runtime.status import Status
from ibconsole.ui.diagnosis.pane import HealthPane
from ibconsole.ui.diagnosis.presenter import DiagnosisPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.conftest import SANDBOX
from tests.ui.diagnosis.records import APPLICATIONS, DIAGNOSIS, FINDING, FOUND, MUTED, NOW


class CannedDiagnosis:
    """A diagnosis that is known, or fails."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.failure: UserError | None = None

    async def diagnose(self, application: Application) -> ApplicationDiagnosis:
        self.calls.append(application.code)
        if self.failure:
            raise self.failure
        return DIAGNOSIS

    async def mute(self, finding: Finding, reason: str, until: int) -> Mute:
        if self.failure:
            raise self.failure
        return Mute(finding.id, finding.number, reason, until)

    async def unmute(self, mute: Mute) -> bool:
        return bool(mute)


@pytest.fixture
def source() -> CannedDiagnosis:
    return CannedDiagnosis()


@pytest.fixture
def pane(theme: Theme, qtbot: QtBot) -> HealthPane:
    pane = HealthPane(theme)
    qtbot.addWidget(pane)
    return pane


@pytest.fixture
def presenter(pane: HealthPane, source: CannedDiagnosis, tasks: UiTasks) -> DiagnosisPresenter:
    presenter = DiagnosisPresenter(pane, source, tasks, settle=0)
    presenter.show_status(Status(connection=SANDBOX))
    return presenter


async def test_only_an_open_tab_diagnoses(
    presenter: DiagnosisPresenter, pane: HealthPane, source: CannedDiagnosis, tasks: UiTasks
) -> None:
    """No host is contacted for a tab that is not shown."""
    presenter.select_application(APPLICATIONS[0])
    await tasks.settled()
    assert source.calls == []
    pane.show()
    await tasks.settled()

    assert source.calls == ["a"]
    assert pane.table.total == 4


async def test_nothing_selected(presenter: DiagnosisPresenter, pane: HealthPane) -> None:
    """Without an application the tab says what to do."""
    pane.show()

    assert "Choose an application" in pane.notice.sentence.text()


async def test_a_failure(
    presenter: DiagnosisPresenter, pane: HealthPane, source: CannedDiagnosis, tasks: UiTasks
) -> None:
    """A failed diagnosis says why."""
    source.failure = UserError("It timed out.")
    pane.show()
    presenter.select_application(APPLICATIONS[0])
    await tasks.settled()

    assert "It timed out." in pane.notice.sentence.text()


async def test_all_findings(presenter: DiagnosisPresenter, pane: HealthPane) -> None:
    """All findings are listed once every application is checked."""
    pane.show()
    pane.show_all_findings()
    before = pane.notice.sentence.text()
    presenter.show_report(HealthReport(HealthState.DONE, findings=FOUND, facts=DIAGNOSIS.facts))

    assert "once every application" in before
    assert pane.table.total == 2
    assert pane.read_at == NOW


async def test_muting(
    presenter: DiagnosisPresenter, pane: HealthPane, source: CannedDiagnosis, tasks: UiTasks
) -> None:
    """A mute shows in the tab and in the list; a failed one says why."""
    changes: list[bool] = []
    presenter.mutes_changed.connect(lambda: changes.append(True))
    pane.mute_requested.emit(FINDING, "Known.", NOW)
    await tasks.settled()
    pane.unmute_requested.emit(MUTED.mute)
    await tasks.settled()
    source.failure = UserError("Give a reason.")
    pane.mute_requested.emit(FINDING, "", NOW)
    await tasks.settled()

    assert changes == [True, True]
    assert "Give a reason." in pane.banner.text.text()


async def test_a_refused_list_is_said(presenter: DiagnosisPresenter, pane: HealthPane) -> None:
    """With a key that may only pull, the tab says why nothing is checked."""
    pane.show()
    presenter.show_report(HealthReport(HealthState.FAILED, problem="The key may not list them."))

    assert "The key may not list them." in pane.notice.sentence.text()


async def test_known_findings(presenter: DiagnosisPresenter, tasks: UiTasks) -> None:
    """The palette finds those of the account, the muted ones, and those that are listed."""
    presenter.show_report(HealthReport(HealthState.DONE, findings=FOUND, facts=DIAGNOSIS.facts))

    assert list(presenter.findings) == [FINDING, MUTED.finding]

"""The notice that nothing comes over a borrowed route."""

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.model.application import Application, read_application
from ibconsole.services.diagnosis import ApplicationDiagnosis
from ibconsole.services.diagnosis.catalogue.finding import (
    Basis,
    Confidence,
    Finding,
    Level,
    Subject,
)
from ibconsole.services.diagnosis.muting import SortedFindings
from ibconsole.services.diagnosis.rules.facts import AccountFacts, Facts
from ibconsole.services.runtime.status import LeaseStatus
from ibconsole.services.tunnels import AddressCheck, CheckOutcome
from ibconsole.ui.lease.silence import AFTER_MS, SilenceNotice, describe_silence
from ibconsole.ui.tables.feed_page import FeedPage
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.lease.lent import CODE, LEASE, NOW, status_with

APPLICATION = read_application({"applicationCode": CODE, "applicationName": "Kestrel Go"})
FINDING = Finding(
    1001, Level.ERROR, Subject(), "There is no configuration.", Confidence(Basis.DOCUMENTED)
)
NOTE = replace(FINDING, number=1201, level=Level.NOTE, sentence="The URL is long.")
CHECK = AddressCheck(CheckOutcome.ARRIVED, "A test request has arrived here.")
FACTS = Facts(NOW, AccountFacts("c-1", "Sandbox"))
SILENT = replace(LEASE, since=NOW - AFTER_MS)


class Doctor:
    """Finds what it is given, or fails."""

    def __init__(self) -> None:
        self.findings: tuple[Finding, ...] = (FINDING, NOTE)
        self.error = ""
        self.asked = 0

    async def diagnose(self, application: Application) -> ApplicationDiagnosis:
        assert application is APPLICATION
        self.asked += 1
        if self.error:
            raise UserError(self.error)
        return ApplicationDiagnosis(CODE, (), SortedFindings(self.findings), FACTS)


@pytest.fixture
def doctor() -> Doctor:
    return Doctor()


@pytest.fixture
def notice(doctor: Doctor, tasks: UiTasks, theme: Theme) -> SilenceNotice:
    return SilenceNotice(doctor, {CODE: APPLICATION}.get, {LEASE.id: CHECK}, tasks, theme)


@pytest.fixture
def page(notice: SilenceNotice, theme: Theme, qtbot: QtBot) -> FeedPage:
    page = FeedPage(QWidget(), QWidget(), theme)
    qtbot.addWidget(page)
    page.show()
    notice.add_to(page)
    return page


def test_text() -> None:
    """The notice has the worst finding; its details have all, and what the check proved."""
    sentence, details = describe_silence(SILENT, NOW, CHECK, (FINDING, NOTE))

    assert sentence == (
        "Nothing has come from Kestrel Go over the borrowed route in 2 minutes; perhaps no inbound"
        " message was sent. The diagnosis says: There is no configuration. (IBC-1001, and 1 more)"
    )
    assert details == (
        "A test request has arrived here.\n"
        "IBC-1001 (error): There is no configuration.\n"
        "IBC-1201 (note): The URL is long."
    )


def test_text_without_findings() -> None:
    """That nothing was found is said, as well as that nothing could be."""
    sentence, details = describe_silence(SILENT, NOW, None, ())
    assert "finds nothing that explains it" in sentence
    assert details == "The address was not checked by this window."

    _, details = describe_silence(SILENT, NOW, None, "No connection.")
    assert details.endswith("The findings are not known: No connection.")


@pytest.mark.parametrize(
    "lease",
    [
        replace(LEASE, since=NOW + 3_600_000),
        replace(SILENT, received=1),
        replace(SILENT, is_own=False),
        None,
    ],
)
async def test_not_said(
    notice: SilenceNotice, page: FeedPage, doctor: Doctor, tasks: UiTasks, lease: LeaseStatus | None
) -> None:
    """Within two minutes, and where something has come, nothing is said or asked."""
    notice.show_status(status_with(*(lease,) if lease else ()))

    notice.look()
    await tasks.settled()

    assert doctor.asked == 0
    assert notice.banners[0].isHidden()


async def test_said_once(
    notice: SilenceNotice, page: FeedPage, doctor: Doctor, tasks: UiTasks, theme: Theme
) -> None:
    """It is said once, in every page, and goes when a message comes."""
    notice.show_status(status_with(SILENT))
    notice.look()
    notice.look()
    await tasks.settled()
    late = FeedPage(QWidget(), QWidget(), theme, page)
    notice.add_to(late)

    assert doctor.asked == 1
    assert [one.isHidden() for one in notice.banners] == [False, False]
    notice.show_status(status_with(replace(SILENT, received=1)))
    assert [one.isHidden() for one in notice.banners] == [True, True]


async def test_not_listed(
    notice: SilenceNotice, page: FeedPage, doctor: Doctor, tasks: UiTasks
) -> None:
    """Also without a diagnosis it is said that nothing comes."""
    doctor.error = "The connection is closed."
    notice.show_status(status_with(SILENT, replace(SILENT, id="2", application="other")))

    for _ in range(2):
        notice.look()
        await tasks.settled()

    assert doctor.asked == 1
    assert "the application is not listed." in notice.banners[0].details.toPlainText()


async def test_findings_and_closing(
    notice: SilenceNotice, page: FeedPage, tasks: UiTasks, qtbot: QtBot
) -> None:
    """The notice leads to the findings; closed in one page, it is closed."""
    notice.show_status(status_with(SILENT))
    notice.look()
    await tasks.settled()
    [banner] = notice.banners

    with qtbot.waitSignal(notice.findings_requested) as emitted:
        banner.action.click()
    banner.close_button.click()

    assert emitted.args == [CODE]
    assert banner.isHidden()

import asyncio

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.services.console import NotShared
from ibconsole.team_archive import TeamUnavailable
from ibconsole.ui.toolkit import Theme, UiTasks
from tests.ui.team.harness import EXAMINATION, LINK, OTHER, REFUSED, SEEN, TeamHarness


@pytest.fixture
def harness(theme: Theme, tasks: UiTasks, qtbot: QtBot) -> TeamHarness:
    window = QWidget()
    qtbot.addWidget(window)
    return TeamHarness(theme, tasks, window)


async def test_the_dialog_is_about_the_open_connection(harness: TeamHarness) -> None:
    """Its team is chosen first; another one is looked at when it is chosen."""
    assert not harness.presenter.show_team.isEnabled()
    harness.show(OTHER, LINK, connection="u1")
    assert harness.presenter.show_team.isEnabled()
    harness.presenter.show_team.trigger()
    harness.presenter.show_team.trigger()
    await harness.tasks.settled()
    dialog = harness.presenter.dialog

    assert dialog
    assert dialog.link == LINK
    assert harness.service.asked == ["u1"]
    dialog.choice.setCurrentIndex(0)
    await harness.tasks.settled()
    assert harness.service.asked == ["u1", "u2"]
    assert dialog.problem.text() == "Away."
    dialog.reject()
    assert harness.presenter.dialog is None


async def test_what_the_team_says_stays_while_it_is_away(harness: TeamHarness) -> None:
    """A failure is a line above what was shown, and the next answer removes it."""
    harness.show(LINK)
    harness.presenter.show_team.trigger()
    await harness.tasks.settled()
    dialog = harness.presenter.dialog
    assert dialog
    assert [row.source.label for row in dialog.sources.records] == ["anna@desk", "eu-1"]

    harness.service.answer = TeamUnavailable("The team's archive cannot be used now.")
    dialog.refresh.click()
    await harness.tasks.settled()
    assert "cannot be used now" in dialog.banner.text.text()
    assert len(dialog.sources.records) == 2
    assert dialog.facts.text().splitlines()[-1].startswith("As of ")
    harness.show(replace(LINK, problem="Said by what ships."))
    dialog.refresh.click()
    await harness.tasks.settled()
    assert not dialog.banner.isVisible()
    dialog.forget()
    dialog.refresh.click()
    await harness.tasks.settled()
    assert dialog.sources.placeholder.startswith("Who receives for the team is not known")
    assert not dialog.facts.isVisible()
    harness.service.answer = SEEN
    dialog.refresh.click()
    await harness.tasks.settled()

    assert "As of" not in dialog.facts.text()
    assert dialog.sources.placeholder == "Nothing was shared in this account yet."
    dialog.reject()


async def test_what_was_refused_is_tried_again(harness: TeamHarness) -> None:
    """The rows are listed with the reason, and the button lets them wait again."""
    harness.service.refused = [REFUSED]
    harness.show(LINK)
    harness.presenter.show_team.trigger()
    await harness.tasks.settled()
    dialog = harness.presenter.dialog
    assert dialog
    assert list(dialog.refused.records) == [REFUSED]

    dialog.retry.click()
    await harness.tasks.settled()

    assert list(dialog.refused.records) == []
    assert not dialog.tabs.isTabVisible(2)
    dialog.reject()


async def test_checks_are_made_when_the_dialog_opens(harness: TeamHarness) -> None:
    """They can be stopped and made again; what was found stays meanwhile."""
    harness.show(LINK, OTHER)
    harness.presenter.show_team.trigger()
    await harness.tasks.settled()
    dialog = harness.presenter.dialog
    assert dialog
    checks = dialog.checks
    assert list(checks.table.records) == [*EXAMINATION.checks]

    harness.service.answers.clear()
    checks.again.click()
    await asyncio.sleep(0)
    assert checks.summary.text().startswith("Checking; nothing is changed. Before: 3 checks")
    checks.stop.click()
    await harness.tasks.settled()
    assert checks.summary.text().startswith("The checks were stopped; nothing was changed.")
    assert list(checks.table.records) == [*EXAMINATION.checks]

    harness.service.answers.set()
    harness.service.examination = NotShared("It is not shared any more.")
    checks.again.click()
    await harness.tasks.settled()
    assert checks.summary.text() == "It is not shared any more."
    dialog.choice.setCurrentIndex(1)
    await harness.tasks.settled()
    dialog.reject()

    assert harness.service.examined == ["u1", "u1", "u1", "u2"]


async def test_an_archive_without_an_answer_is_not_asked_again(harness: TeamHarness) -> None:
    """Looks follow each other: an archive that is frozen would else never be named."""
    harness.show(LINK)
    harness.presenter.show_team.trigger()
    await harness.tasks.settled()
    dialog = harness.presenter.dialog
    assert dialog
    harness.service.silent = True
    harness.presenter.refresh()
    await asyncio.sleep(0)
    for _ in range(3):
        harness.presenter._timer.timeout.emit()
        await asyncio.sleep(0)

    assert harness.service.asked == ["u1", "u1"]
    dialog.reject()
    await harness.tasks.settled()


async def test_what_is_not_shared_is_said(harness: TeamHarness) -> None:
    """A team that the administrator does not permit is no silent loss."""
    harness.service.forbidden = ["Acme: this database may not be used."]

    harness.presenter.check()
    await harness.tasks.settled()

    assert harness.notices == ["Acme: this database may not be used."]

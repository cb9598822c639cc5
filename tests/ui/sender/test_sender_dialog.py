"""The page about the sender."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.secret import MASK
from ibconsole.services.sender_profile.profile import HeaderFact, SenderProfile
from ibconsole.services.sender_profile.unknowns import PlatformUnknown
from ibconsole.ui.sender.sender_dialog import SenderDialog
from ibconsole.ui.toolkit.theme import Theme

PROFILE = SenderProfile(
    n=2,
    first_at=1_000,
    last_at=9_000,
    headers=(HeaderFact("X-Api-Key", "s3cret", n=2, last_at=9_000),),
    tunnel="ngrok",
    added=("X-Forwarded-For",),
    examined=2,
)
UNKNOWNS = (
    PlatformUnknown("Open?", "Try it."),
    PlatformUnknown("Seen?", "", "it was", 3, 9_000),
)


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> Iterator[SenderDialog]:
    page = SenderDialog(theme)
    qtbot.addWidget(page)
    page.show_profile(PROFILE, UNKNOWNS)
    yield page
    page.close()


def cells(page: SenderDialog, row: int) -> list[str]:
    model = page.facts.model()
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_each_fact_says_how_often_when_and_through_what(page: SenderDialog) -> None:
    """A fact has its number, its last time, and the tunnel; a credential is masked."""
    assert cells(page, 0)[:4] == ["Request line", "POST /PATH HTTP/1.1", "ngrok", "2"]
    assert cells(page, 1)[:2] == ["X-Api-Key:", MASK]
    assert cells(page, 0)[4]
    assert "through ngrok" in page.rests_on.toPlainText()


def test_unknowns_are_observed_or_not(page: SenderDialog) -> None:
    """What is not documented is shown with its observation, or with the way to one."""
    values = [row.value for row in page.unknowns.records]

    assert values == ["not observed. Try it.", "it was"]


def test_the_copy_has_everything(page: SenderDialog) -> None:
    """The copied text has facts and unknowns, and no secret."""
    page.copy.click()
    text = QGuiApplication.clipboard().text()

    assert "Request line POST /PATH HTTP/1.1 (seen 2, last 1970-01-01" in text
    assert "through ngrok" in text
    assert "Seen? it was (seen 3" in text
    assert "s3cret" not in text


def test_a_refresh_keeps_what_is_shown(page: SenderDialog) -> None:
    """While the archive is read again, the facts stay."""
    page.show_loading()

    assert page.progress.busy
    assert page.facts.total > 2
    assert not page.refresh.isEnabled()

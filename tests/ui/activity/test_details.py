"""The details of one request."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.activity.details import ActivityDetails
from ibconsole.ui.activity.model import EntryDetails
from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.viewers.facts import Summary
from ibconsole.ui.viewers.json_text import BoundedText

DETAILS = EntryDetails(
    Summary("GET /a", "Answered 200", (), ()), BoundedText(note="There is no body."),
    BoundedText('{"a": 1}'),
)  # fmt: skip


@pytest.fixture
def copied() -> list[str]:
    return []


@pytest.fixture
def details(theme: Theme, qtbot: QtBot, copied: list[str]) -> ActivityDetails:
    command = Command("Copy as cURL", Group.ACTIVITY, lambda: copied.append("curl"))
    details = ActivityDetails(theme, command)
    details.command = command  # type: ignore[attr-defined]  # outlives the fixture
    qtbot.addWidget(details)
    return details


def test_nothing_selected(details: ActivityDetails) -> None:
    """Without a selected request there is a notice instead of empty tabs."""
    assert not details.has_details
    assert details.notice.sentence.text() == "Select a request to see its details."


def test_request(details: ActivityDetails, copied: list[str]) -> None:
    """A request is shown on the tab that is open, and can be copied as cURL."""
    details.tabs.setCurrentWidget(details.answer)

    details.show_details(DETAILS)
    details.copy_curl.click()

    assert details.has_details
    assert details.tabs.currentWidget() is details.answer
    assert details.answer.text.toPlainText() == '{"a": 1}'
    assert details.summary.lead.text() == "Answered 200"
    assert copied == ["curl"]

    details.show_nothing()
    assert not details.has_details

"""The choice of messages that are sent again or given back."""

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter, Via
from ibconsole.clock import now_ms
from ibconsole.services.redelivery.values import RedeliveryRequest
from ibconsole.ui.redelivery.message_choice import (
    ArrivalWindow,
    GiveBackChoice,
    OfferedMessages,
    ResendChoice,
)

HOUR = 3_600_000
SENDING = RedeliveryRequest(url="https://customer.example/in")
TEXT = Filter(text="x")
OWN = "From … until …"


def near(instant: int | None, expected: int) -> bool:
    return instant is not None and abs(instant - expected) < HOUR // 60


def test_a_window_ends_when_it_is_asked_for(qtbot: QtBot) -> None:
    """The window is an hour at first; what arrives after it was counted is not in it."""
    window = ArrivalWindow()
    qtbot.addWidget(window)

    since, until = window.bounds
    window.restore("Any time")

    assert near(since, now_ms() - HOUR)
    assert near(until, now_ms())
    assert window.bounds[0] is None


def test_a_window_has_its_own_ends(qtbot: QtBot) -> None:
    """The ends can be set; they are not remembered, because they mean another time then."""
    window = ArrivalWindow()
    qtbot.addWidget(window)
    window.length.setCurrentText(OWN)
    with qtbot.waitSignal(window.changed):
        window.since.setDateTime(window.since.dateTime().addDays(-1))

    since, until = window.bounds

    assert near(since, now_ms() - 25 * HOUR)
    assert near(until, now_ms())
    assert window.choice == ""


@pytest.mark.parametrize(
    ("offered", "request_", "single"),
    [
        (OfferedMessages((7,)), replace(SENDING, messages=(7,)), 7),
        (OfferedMessages((7, 8), TEXT, 5), replace(SENDING, messages=(7, 8)), None),
        (OfferedMessages((), TEXT), replace(SENDING, selection=TEXT), None),
    ],
)
def test_what_is_selected_comes_first(
    qtbot: QtBot, offered: OfferedMessages, request_: RedeliveryRequest, single: int | None
) -> None:
    """The selected messages are chosen at first, else those of the filter."""
    choice = ResendChoice(offered)
    qtbot.addWidget(choice)

    assert (choice.request(SENDING), choice.single) == (request_, single)


def test_other_messages_can_be_chosen(qtbot: QtBot) -> None:
    """The filter's result and a window of time are a click away from the selected messages."""
    choice = ResendChoice(OfferedMessages((7,), TEXT, 1))
    qtbot.addWidget(choice)
    with qtbot.waitSignal(choice.changed):
        choice.listed.setChecked(True)
    listed = choice.request(SENDING)
    with qtbot.waitSignal(choice.changed):
        choice.arrived.setChecked(True)
    with qtbot.waitSignal(choice.changed):
        choice.restore({"window": "Any time"})

    arrived = choice.request(SENDING)
    assert listed == replace(SENDING, selection=TEXT)
    assert (arrived.messages, arrived.selection.since, choice.single) == (None, None, None)
    assert near(arrived.selection.until, now_ms())
    assert choice.choices == {"window": "Any time"}


def test_the_pulled_messages_of_an_application_are_given_back(qtbot: QtBot) -> None:
    """The selected application's pulled messages of the last hour are chosen at first."""
    choice = GiveBackChoice({"a": "One", "b": "Two"}, "b")
    qtbot.addWidget(choice)
    found = choice.request(SENDING)
    with qtbot.waitSignal(choice.application_changed) as changed:
        choice.application.setCurrentIndex(0)
    choice.restore({"source": "Pulled or forwarded", "window": "Last 7 days"})

    assert (found.application, found.via) == ("b", Via.PULL)
    assert near(found.since, now_ms() - HOUR)
    assert changed.args == ["a"]
    assert (choice.request(SENDING).via, choice.single) == (None, None)
    assert choice.choices == {"window": "Last 7 days", "source": "Pulled or forwarded"}


def test_without_an_application_nothing_is_chosen(qtbot: QtBot) -> None:
    """Nothing is given back as long as its owner is not known."""
    choice = GiveBackChoice({}, "")
    qtbot.addWidget(choice)

    assert not choice.is_complete

"""The places in the chart of a retry simulation, and what is painted."""

import pytest
from PySide6.QtGui import QFont, QImage, QPainter

from ibconsole.services.retry_simulation import (
    BehaviourPhase,
    EndpointState,
    MessageFate,
    RetryAttempt,
)
from ibconsole.ui.retries.chart_painter import (
    LEFT,
    STRIP,
    RetryAxis,
    RetryPainter,
    RetryPicture,
    visible_attempts,
)
from ibconsole.ui.toolkit.theme import Scheme, Theme

AXIS = RetryAxis(LEFT + 1_016.0, 1_000.0)  # a pixel for each second


def fate(number: int, *times: float, delivered: bool = True) -> MessageFate:
    last = len(times) - 1
    attempts = (
        RetryAttempt(at, at, "", accepted=delivered and place == last)
        for place, at in enumerate(times)
    )
    return MessageFate(number, times[0], tuple(attempts))


def test_places_and_instants_belong_together() -> None:
    """Drawing snaps to round numbers, and stays within the axis."""
    assert AXIS.x(250) == LEFT + 250
    assert AXIS.seconds(LEFT + 250) == 250
    assert (AXIS.seconds(0), AXIS.seconds(1e6)) == (0, 1_000)
    assert (AXIS.snap, AXIS.snapped(247)) == (10, 250)
    assert AXIS.snapped(1_400) == 1_000
    for span in (1e8, 1e12, 1e300):
        assert len(list(RetryAxis(AXIS.width, span).ticks())) < 14
    assert list(AXIS.ticks()) == [0, 120, 240, 360, 480, 600, 720, 840, 960]


def test_attempts_that_cover_each_other_are_painted_once() -> None:
    """A thousand attempts at one place are one sign, the last; what is out of sight none."""
    many = fate(1, *(n / 1_000 for n in range(1_000)), 500, 2_000)

    assert [one.at for one in visible_attempts(many, AXIS)] == [0.999, 500]


def test_messages_without_room_are_counted() -> None:
    """As many lanes as fit; the last line is for the number of the others."""
    messages = [fate(number, 0) for number in range(1, 101)]

    crowded = RetryPicture(AXIS, 150, (), messages)
    assert 0 < crowded.lanes < 100
    assert crowded.message_at(crowded.lane(2).center().y()) == messages[2]
    assert crowded.message_at(crowded.lane(crowded.lanes).center().y()) is None
    assert RetryPicture(AXIS, 150, (), messages[:3]).lanes == 3


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_every_state_and_outcome_is_painted(theme: Theme, scheme: Scheme) -> None:
    """In both themes delivered, failed and lost have their colours, and the states theirs."""
    theme.apply(scheme)
    phases = [
        BehaviourPhase(100.0 * number, 100.0 * (number + 1), state, is_partial=number == 1)
        for number, state in enumerate(EndpointState)
    ]
    messages = [fate(1, 10, 200), fate(2, 20, 300, delivered=False)] + [fate(9, 5)] * 40
    image = QImage(int(AXIS.width), 160, QImage.Format.Format_RGB32)
    picture = RetryPicture(AXIS, 160, phases, messages, selected=1, drawn=(10, 60))

    with QPainter(image) as painter:
        RetryPainter(theme).paint(painter, picture, QFont())

    def colours(left: float, right: float, top: float, bottom: float) -> set[str]:
        return {
            image.pixelColor(x, y).name()
            for x in range(int(left), int(right))
            for y in range(int(top), int(bottom))
        }

    strip = colours(LEFT, LEFT + 400, 0, STRIP)
    for role in ("ok_soft", "danger_soft", "warning_soft", "info_soft", "accent"):
        assert getattr(theme.colours, role) in strip
    lanes = [picture.lane(number) for number in (0, 1)]
    assert theme.colours.ok in colours(LEFT + 195, LEFT + 206, lanes[0].top(), lanes[0].bottom())
    lost = colours(LEFT + 295, LEFT + 306, lanes[1].top(), lanes[1].bottom())
    assert theme.colours.danger in lost

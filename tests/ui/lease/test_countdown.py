"""The countdown of borrowed routes, and what is said at their end."""

from datetime import UTC

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QMainWindow

from ibconsole.clock import now_ms
from ibconsole.errors import Severity, UserError
from ibconsole.services.runtime.status import LeaseState, LeaseStatus, Status
from ibconsole.ui.lease.countdown import (
    LeaseCountdown,
    clock_of,
    describe_countdown,
    describe_lease,
)
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.lease.lent import LEASE, NOW, status_with

ENDING = replace(LEASE, state=LeaseState.ENDING, problem="The platform did not answer.")
LEFT = replace(LEASE, is_own=False)


class Ender:
    """Notes what it is asked; refuses if it has a reason."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.reason = ""

    async def end(self, lease: str) -> None:
        self.asked.append(f"end {lease}")
        if self.reason:
            raise UserError(self.reason)

    async def extend(self, lease: str) -> None:
        self.asked.append(f"extend {lease}")
        if self.reason:
            raise UserError(self.reason)


@pytest.fixture
def ender() -> Ender:
    return Ender()


@pytest.fixture
def countdown(
    plain_window: QMainWindow, ender: Ender, tasks: UiTasks, theme: Theme
) -> LeaseCountdown:
    made = LeaseCountdown(plain_window, ender, tasks, theme, TimeDisplay(plain_window))
    plain_window.setCentralWidget(made.item)
    made.item.hide()
    return made


def notices_of(countdown: LeaseCountdown) -> list[tuple[Severity, str]]:
    """Collect what is said from now on."""
    said: list[tuple[Severity, str]] = []
    countdown.notice_raised.connect(lambda severity, sentence: said.append((severity, sentence)))
    return said


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (900_000, "15:00"),
        (899_001, "15:00"),
        (59_999, "1:00"),
        (1, "0:01"),
        (0, "0:00"),
        (-9, "0:00"),
    ],
)
def test_time_left(left: int, text: str) -> None:
    """The clock ends at zero, and not a second before."""
    assert clock_of(replace(LEASE, ends_at=NOW + left), NOW) == text


@pytest.mark.parametrize(
    ("lease", "text"),
    [
        (LEASE, "Kestrel Go 15:00"),
        (replace(LEASE, received=1), "Kestrel Go 15:00 · 1 message"),
        (replace(LEASE, name="", received=3), "f0e1…trel 15:00 · 3 messages"),
        (replace(LEASE, state=LeaseState.CREATING), "Kestrel Go: being added"),
        (replace(LEASE, state=LeaseState.ENDING), "Kestrel Go: being removed"),
        (ENDING, "Kestrel Go: not removed yet"),
    ],
)
def test_short_text(lease: LeaseStatus, text: str) -> None:
    """The status bar has the application, the time that is left, and what has come."""
    assert describe_countdown(lease, NOW) == text


@pytest.mark.parametrize(
    ("lease", "part"),
    [
        (LEASE, "as well as to its other actions. Nothing has come this way."),
        (replace(LEASE, received=2), "2 messages have come this way."),
        (replace(LEFT, holder="process 7"), "It is removed by process 7."),
        (LEFT, "The process that borrowed it has ended"),
        (ENDING, "not removed yet. The platform did not answer."),
        (replace(LEASE, state=LeaseState.CREATING), "The platform has not answered yet."),
    ],
)
def test_tooltip(lease: LeaseStatus, part: str) -> None:
    """The tooltip says who removes the route, or why it is left."""
    assert part in describe_lease(lease, NOW, UTC)


def test_shown_while_borrowed(countdown: LeaseCountdown) -> None:
    """The status bar and the frame count down while a route is borrowed, and only then."""
    frame: list[str] = []
    countdown.on_frame.connect(frame.append)
    assert not countdown.item.isVisible()
    lease = replace(LEASE, ends_at=now_ms() + 900_000)

    countdown.show_status(status_with(lease, replace(LEFT, id="2", ends_at=NOW)))

    assert countdown.item.isVisible()
    assert countdown.item.text().startswith("Kestrel Go 1")
    assert countdown.item.text().endswith("+1")
    assert frame[-1].startswith("BORROWED 1")
    countdown.show_status(status_with())
    assert not countdown.item.isVisible()
    assert frame[-1] == ""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (LEASE, (), (Severity.OK, "the borrowed route is removed, and the route is as it was")),
        (
            replace(LEASE, id="2"),
            (),
            (Severity.OK, "that was left when ibconsole ended is removed"),
        ),
        (
            replace(LEFT, id="2", holder="process 7"),
            (),
            (Severity.OK, "the borrowed route is removed, and"),
        ),
        (
            LEASE,
            (ENDING,),
            (
                Severity.WARNING,
                "Kestrel Go: The platform did not answer. It is tried again by itself.",
            ),
        ),
        (LEASE, (replace(LEASE, received=1),), None),
    ],
)
def test_said_at_the_end(
    countdown: LeaseCountdown,
    before: LeaseStatus,
    after: tuple[LeaseStatus, ...],
    said: tuple[Severity, str] | None,
) -> None:
    """Once a route is removed, or could not be, that is said, and only once."""
    countdown.lent = {LEASE.id}
    countdown.show_status(status_with(before))
    heard = notices_of(countdown)

    countdown.show_status(status_with(*after))
    countdown.show_status(status_with(*after))

    assert [severity for severity, _ in heard] == ([said[0]] if said else [])
    assert all(said and said[1] in sentence for _, sentence in heard)


async def test_end_and_extend(countdown: LeaseCountdown, ender: Ender, tasks: UiTasks) -> None:
    """The commands act on the route that ends first; what is refused is said."""
    assert countdown.end_now.disabled_reason
    countdown.show_status(status_with(LEASE))
    heard = notices_of(countdown)

    countdown.extend.trigger()
    await tasks.settled()
    ender.reason = "Another process has ended it meanwhile."
    countdown.end_now.trigger()
    await tasks.settled()

    assert ender.asked == ["extend 1f2e3d4c", "end 1f2e3d4c"]
    countdown.show_status(status_with(ENDING))
    assert [severity for severity, _ in heard] == [Severity.DANGER]  # one failure is said once
    assert heard[0][1] == "Kestrel Go: Another process has ended it meanwhile."


def test_what_others_hold(countdown: LeaseCountdown) -> None:
    """A route of another process can be ended here, and not extended."""
    countdown.show_status(status_with(replace(LEFT, holder="process 7")))

    assert countdown.end_now.isEnabled()
    assert not countdown.extend.isEnabled()
    countdown.show_status(Status())
    assert not countdown.end_now.isEnabled()

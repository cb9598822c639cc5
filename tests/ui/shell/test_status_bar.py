"""The status bar never claims more than is known."""

from datetime import UTC

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.intake.pull import PullReport
from ibconsole.services.intake.pull_loop import RunResult
from ibconsole.services.runtime.status import (
    ArchiveStatus,
    ListenerState,
    ListenerStatus,
    PullState,
    PullStatus,
    RepeatMode,
    RepeatState,
    RepeatStatus,
    Status,
)
from ibconsole.ui.shell.status_bar import StatusBar
from ibconsole.ui.toolkit.status_text import (
    SourceState,
    ended_state,
    listener_state,
    pull_state,
    repeat_state,
    report_state,
)
from ibconsole.ui.toolkit.theme import Theme

NOW = 1_800_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme) -> StatusBar:
    bar = StatusBar(theme)
    qtbot.addWidget(bar)
    return bar


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (ListenerStatus(), "off", "Listener stopped"),
        (ListenerStatus(ListenerState.STARTING), "busy", "Listener starting"),
        (ListenerStatus(ListenerState.FAILED), "danger", "Listener failed"),
        (
            ListenerStatus(ListenerState.LISTENING, since=NOW - 4 * MINUTE),
            "ok",
            "Listener nothing yet, for 4 min",
        ),
        (
            ListenerStatus(
                ListenerState.LISTENING, since=NOW - HOUR, last_at=NOW - 1000, received=1
            ),
            "ok",
            "Listener live",
        ),
        (
            ListenerStatus(
                ListenerState.LISTENING, since=NOW - HOUR, last_at=NOW - 4 * MINUTE, received=1
            ),
            "ok",
            "Listener quiet for 4 min",
        ),
        (
            ListenerStatus(
                ListenerState.LISTENING, since=NOW, last_at=NOW, reachable_at="10.0.0.7"
            ),
            "warning",
            "Listener live, open to the network",
        ),
        (
            ListenerStatus(
                ListenerState.LISTENING, since=NOW, last_at=NOW, storage_error="The disk is full."
            ),
            "danger",
            "Listener cannot store",
        ),
        (
            ListenerStatus(
                ListenerState.LISTENING,
                since=NOW - HOUR,
                suspended=(NOW - 9 * MINUTE, NOW - MINUTE),
            ),
            "warning",
            "Listener asleep from 07:51 to 07:59",
        ),
        (
            ListenerStatus(
                ListenerState.LISTENING, last_at=NOW, suspended=(NOW - 9 * MINUTE, NOW - MINUTE)
            ),
            "ok",
            "Listener live",
        ),
    ],
)
def test_listener(status: ListenerStatus, kind: str, words: str) -> None:
    """A listener is live only if something came just now; else what it is, and since when."""
    state = listener_state(status, NOW, UTC)

    assert (state.kind, state.words) == (kind, words)


def test_details_of_the_listener() -> None:
    """What could not arrive or be stored, and who else knocked, is there to be read."""
    status = ListenerStatus(
        ListenerState.LISTENING,
        received=2,
        unmatched=3,
        suspended=(NOW - HOUR, NOW - MINUTE),
        reachable_at="10.0.0.7",
        storage_error="The disk is full.",
    )

    details = listener_state(status, NOW, UTC).details

    assert "2 forwards since it was started" in details
    assert "3 requests on no path of its own" in details
    assert (
        "slept from 2027-01-15 07:00:00.000 UTC to 2027-01-15 07:59:00.000 UTC: nothing" in details
    )
    assert "The disk is full. Senders are asked to try again." in details
    assert "Others can reach it at 10.0.0.7" in details


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (PullStatus(), "off", "Nothing pulled yet"),
        (PullStatus(PullState.PULLING, last_at=NOW), "busy", "Pulling"),
        (PullStatus(PullState.FAILED), "danger", "Last pull failed"),
        (PullStatus(PullState.HELD), "danger", "A pull waits for room on the disk"),
        (
            PullStatus(PullState.REJECTED, last_at=NOW - HOUR),
            "danger",
            "Last pull rejected 1 h ago",
        ),
        (
            PullStatus(PullState.IDLE, last_at=NOW - 4 * MINUTE, pending=37),
            "ok",
            "Last pull 4 min ago, 37 waiting then",
        ),
        (PullStatus(PullState.IDLE, last_at=NOW - 39 * HOUR), "ok", "Last pull 39 h ago"),
        (PullStatus(PullState.IDLE, last_at=NOW - 40 * HOUR), "warning", "Last pull 40 h ago"),
    ],
)
def test_pull(status: PullStatus, kind: str, words: str) -> None:
    """The last pull has an age, and what waited is said to have waited then, not now."""
    state = pull_state(status, NOW)

    assert (state.kind, state.words) == (kind, words)


def test_old_pull_only_may_lose() -> None:
    """How long the platform keeps messages is not documented, so the warning says may."""
    details = pull_state(PullStatus(PullState.IDLE, last_at=NOW - 41 * HOUR), NOW).details

    assert "may drop" in details
    assert "not documented" in details


def report(ids: tuple[int, ...] = (1,), pending: int | None = 0, **changes: object) -> PullReport:
    values = {"problem": "", "complete": True} | changes
    return PullReport(1, ids, len(ids), pending, **values)  # type: ignore[arg-type]  # as given


class Refusal(UserError):
    details = "Status 403"


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        (report((), 0), "ok", "Nothing was waiting."),
        (report((1,), 5), "ok", "1 message pulled. 5 still waiting."),
        (
            report((1, 2), None),
            "ok",
            "2 messages pulled. The platform did not say how many still wait.",
        ),
        (report((1,), problem="It is odd."), "warning", "1 message pulled. It is odd."),
        (
            report((1,), problem="It was cut.", complete=False),
            "danger",
            "Recovered 1, the server said 1, 0 not received. It was cut. Every byte that arrived"
            " is kept.",
        ),
        (
            PullReport(1, (1, 2), 5, None, problem="It was cut.", complete=False),
            "danger",
            "Recovered 2, the server said 5, 3 not received. It was cut. Every byte that arrived"
            " is kept.",
        ),
        (
            PullReport(1, (1, 2), None, None, problem="It was cut.", complete=False),
            "danger",
            "Recovered 2; how many the server handed out is not known. It was cut. Every byte that"
            " arrived is kept.",
        ),
        (
            report((1,), 5, competing="Somebody pulls."),
            "warning",
            "1 message pulled. Somebody pulls.",
        ),
        (
            report((), error=Refusal("The platform refused.")),
            "danger",
            "The platform refused.",
        ),
    ],
)
def test_report(given: PullReport, kind: str, words: str) -> None:
    """What a pull brought is said with what is still waiting and what may be lost."""
    state = report_state(given)

    assert (state.kind, state.words) == (kind, words)


def test_bar(bar: StatusBar) -> None:
    """Each source has its state, its words and its details; the archive its count."""
    url = "http://127.0.0.1:8484/inbound"
    bar.show_status(
        Status(
            listener=ListenerStatus(ListenerState.FAILED, url=url, sentence="The port is in use."),
            archive=ArchiveStatus(messages=12_345, path="/archive.db"),
        )
    )

    assert bar.listener.dot.kind == "danger"
    assert bar.listener.words.text() == "Listener failed"
    assert "The port is in use." in bar.listener.toolTip()
    assert bar.pull.accessibleName() == "Pull: Nothing pulled yet"
    assert (bar.url.text(), bar.url.isHidden()) == (url, False)
    assert bar.archive.text() == "12,345 messages"
    assert "Kept in /archive.db" in bar.archive.toolTip()


def test_details_are_plain(bar: StatusBar) -> None:
    """A sentence that looks like HTML stays a sentence."""
    bar.pull.show_state(SourceState("danger", "<b>Failed</b>", "<b>x</b>"))

    assert bar.pull.words.textFormat() == Qt.TextFormat.PlainText
    assert "&lt;b&gt;" in bar.pull.toolTip()


def test_ages_grow_only_in_sight(bar: StatusBar, qtbot: QtBot) -> None:
    """A bar that nobody sees does not work."""
    assert not bar._age_timer.isActive()
    with qtbot.waitExposed(bar):
        bar.show()
    assert bar._age_timer.isActive()
    bar.hide()
    assert not bar._age_timer.isActive()


def test_click_on_listener(bar: StatusBar, qtbot: QtBot) -> None:
    """A click on the listener's state leads to the listener."""
    with qtbot.waitSignal(bar.listener_clicked):
        qtbot.mouseClick(bar.listener, Qt.MouseButton.LeftButton)


NOON = 12 * HOUR


@pytest.mark.parametrize(
    ("repeat", "kind", "words"),
    [
        (RepeatStatus(RepeatMode.AUTO, RepeatState.PULLING), "busy", "Auto pull: pulling"),
        (
            RepeatStatus(RepeatMode.AUTO, RepeatState.WAITING, next_at=NOON),
            "ok",
            "Auto pull: next at 12:00:00",
        ),
        (
            RepeatStatus(
                RepeatMode.AUTO, RepeatState.WAITING, since=NOW - 5 * MINUTE, next_at=NOON
            ),
            "ok",
            "Auto pull: quiet for 5 min, next at 12:00:00",
        ),
        (
            RepeatStatus(
                RepeatMode.AUTO, RepeatState.WAITING, last_at=NOW, since=NOW - HOUR, next_at=NOON
            ),
            "ok",
            "Auto pull: next at 12:00:00",
        ),
        (
            RepeatStatus(RepeatMode.AUTO, RepeatState.BACKING_OFF, next_at=NOON),
            "warning",
            "Auto pull: backing off until 12:00:00",
        ),
        (RepeatStatus(RepeatMode.AUTO, failed=True), "danger", "Auto pull: ended, see why"),
        (
            RepeatStatus(RepeatMode.UNTIL_EMPTY, RepeatState.PULLING, batches=2),
            "busy",
            "Pull until nothing waits: pulling",
        ),
    ],
)
def test_pulls_in_a_row(repeat: RepeatStatus, kind: str, words: str) -> None:
    """The state is what is so: pulling, waiting until, backing off until, or ended by a failure."""
    state = repeat_state(repeat, NOW, UTC)

    assert state
    assert (state.kind, state.words) == (kind, words)


def test_pulls_in_a_row_that_are_over() -> None:
    """What was stopped by its user says nothing more than the last pull does."""
    assert repeat_state(RepeatStatus(), NOW) is None
    assert repeat_state(RepeatStatus(RepeatMode.AUTO, batches=3), NOW) is None


def test_a_computer_that_slept() -> None:
    """The details say from when to when nothing could be pulled, and how much was."""
    repeat = RepeatStatus(
        RepeatMode.AUTO, RepeatState.WAITING, 3, 70, next_at=NOON, suspended=(NOON, NOON + 60_000)
    )
    state = repeat_state(repeat, NOW, UTC)

    assert state
    assert "70 messages in 3 pulls" in state.details
    assert "slept from 1970-01-01 12:00:00.000 UTC to 1970-01-01 12:01:00.000 UTC" in state.details


@pytest.mark.parametrize(
    ("ended", "kind", "words"),
    [
        (RunResult(7, 3, "Stopped.", whole=True), "ok", "7 messages in 3 pulls. Stopped."),
        (RunResult(1, 1, "It was cut.", whole=False), "danger", "1 message in 1 pull. It was cut."),
        (
            RunResult(
                1, 1, "Stopped.", whole=True, report=report((1,), competing="Somebody pulls.")
            ),
            "warning",
            "1 message in 1 pull. Stopped. Somebody pulls.",
        ),
    ],
)
def test_how_a_row_ended(ended: RunResult, kind: str, words: str) -> None:
    """The sum, why it ended, and whether somebody else pulls."""
    assert ended_state(ended) == SourceState(kind, words)

"""Status texts never claim more than is known."""

from datetime import UTC

import pytest

from ibconsole.errors import Severity, UserError
from ibconsole.services.intake.pull import PullReport
from ibconsole.services.intake.pull_loop import PullLoopResult
from ibconsole.services.runtime.status import (
    AnswersStatus,
    ArchiveStatus,
    ListenerState,
    ListenerStatus,
    PullLoopMode,
    PullLoopState,
    PullLoopStatus,
    PullState,
    PullStatus,
    RefusalReason,
)
from ibconsole.ui.toolkit.status_text import (
    Indicator,
    ResultText,
    StatusText,
    describe_answers,
    describe_listener,
    describe_pull,
    describe_pull_loop,
    describe_pull_loop_result,
    describe_pull_result,
    with_other_puller,
)

NOW = 1_800_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest.mark.parametrize(
    ("status", "indicator", "text"),
    [
        (ListenerStatus(), Indicator.OFF, "Listener stopped"),
        (ListenerStatus(elsewhere="::1:80"), Indicator.OK, "Listener of another window"),
        (ListenerStatus(ListenerState.STARTING), Indicator.BUSY, "Listener starting"),
        (ListenerStatus(ListenerState.FAILED), Indicator.DANGER, "Listener failed"),
        (
            ListenerStatus(ListenerState.LISTENING, since=NOW - 4 * MINUTE),
            Indicator.OK,
            "Listening, no requests yet (4 min)",
        ),
        (
            ListenerStatus(
                ListenerState.LISTENING, since=NOW - HOUR, last_at=NOW - 1000, received=1
            ),
            Indicator.OK,
            "Listener live",
        ),
        (
            ListenerStatus(
                ListenerState.LISTENING, since=NOW - HOUR, last_at=NOW - 4 * MINUTE, received=1
            ),
            Indicator.OK,
            "Listener quiet for 4 min",
        ),
        (
            ListenerStatus(
                ListenerState.LISTENING, since=NOW, last_at=NOW, reachable_at="10.0.0.7"
            ),
            Indicator.WARNING,
            "Listener live, open to the network",
        ),
        (
            ListenerStatus(
                ListenerState.LISTENING, since=NOW, last_at=NOW, storage_error="The disk is full."
            ),
            Indicator.DANGER,
            "Listener cannot store",
        ),
        (
            ListenerStatus(
                ListenerState.LISTENING,
                since=NOW - HOUR,
                suspended=(NOW - 9 * MINUTE, NOW - MINUTE),
            ),
            Indicator.WARNING,
            "Listener suspended from 07:51 to 07:59",
        ),
        (
            ListenerStatus(
                ListenerState.LISTENING, last_at=NOW, suspended=(NOW - 9 * MINUTE, NOW - MINUTE)
            ),
            Indicator.OK,
            "Listener live",
        ),
    ],
)
def test_listener(status: ListenerStatus, indicator: Indicator, text: str) -> None:
    """A listener is live only if a forward arrived in the last minute; else its text says why."""
    state = describe_listener(status, NOW, UTC)

    assert (state.indicator, state.text) == (indicator, text)


def test_details_of_the_listener() -> None:
    """The details name what could not arrive or be stored, and requests on other paths."""
    status = ListenerStatus(
        ListenerState.LISTENING,
        received=2,
        unmatched=3,
        suspended=(NOW - HOUR, NOW - MINUTE),
        reachable_at="10.0.0.7",
        storage_error="The disk is full.",
    )

    details = describe_listener(status, NOW, UTC).details

    assert "2 forwards since it was started" in details
    assert "3 requests on other paths, kept separately." in details
    assert (
        "suspended from 2027-01-15 07:00:00.000 UTC to 2027-01-15 07:59:00.000 UTC: nothing"
        in details
    )
    assert "The disk is full. Senders are asked to try again." in details
    assert "Others can reach it at 10.0.0.7" in details


@pytest.mark.parametrize(
    ("status", "indicator", "text"),
    [
        (PullStatus(), Indicator.OFF, "Nothing pulled yet"),
        (PullStatus(PullState.PULLING, last_at=NOW), Indicator.BUSY, "Pulling"),
        (PullStatus(PullState.FAILED), Indicator.DANGER, "Last pull failed"),
        (PullStatus(PullState.HELD), Indicator.DANGER, "A pull waits for disk space"),
        (
            PullStatus(PullState.REJECTED, last_at=NOW - HOUR),
            Indicator.DANGER,
            "Last pull rejected 1 h ago",
        ),
        (
            PullStatus(PullState.IDLE, last_at=NOW - 4 * MINUTE, pending=37),
            Indicator.OK,
            "Last pull 4 min ago, 37 waiting then",
        ),
        (PullStatus(PullState.IDLE, last_at=NOW - 39 * HOUR), Indicator.OK, "Last pull 39 h ago"),
        (
            PullStatus(PullState.IDLE, last_at=NOW - 40 * HOUR),
            Indicator.WARNING,
            "Last pull 40 h ago",
        ),
    ],
)
def test_pull(status: PullStatus, indicator: Indicator, text: str) -> None:
    """The last pull has an age, and its number of waiting messages is marked as of then."""
    state = describe_pull(status, NOW)

    assert (state.indicator, state.text) == (indicator, text)


def test_an_account_without_a_pull_above_pulled_messages() -> None:
    """ "Nothing pulled yet" is said only where no account was ever pulled from."""
    never, others = ArchiveStatus(), ArchiveStatus(pulled_at=NOW - HOUR)

    texts = [describe_pull(PullStatus(), NOW, UTC, one) for one in (never, others)]

    assert [one.text for one in texts] == ["Nothing pulled yet", "No pull from this account stored"]
    assert {one.indicator for one in texts} == {Indicator.OFF}
    assert "other accounts" in texts[1].details


def test_the_warning_about_an_old_pull_claims_no_more_than_is_documented() -> None:
    """How long the platform keeps messages is not documented, so the warning says `may`."""
    details = describe_pull(PullStatus(PullState.IDLE, last_at=NOW - 41 * HOUR), NOW).details

    assert "may drop" in details
    assert "not documented" in details


def report(ids: tuple[int, ...] = (1,), pending: int | None = 0, **changes: object) -> PullReport:
    values = {"problem": "", "complete": True} | changes
    return PullReport(1, ids, len(ids), pending, **values)  # type: ignore[arg-type]  # as given


class Refusal(UserError):
    details = "Status 403"


@pytest.mark.parametrize(
    ("given", "severity", "sentence"),
    [
        (report((), 0), Severity.OK, "No messages were waiting."),
        (report((1,), 5), Severity.OK, "1 message pulled. 5 still waiting."),
        (
            report((1, 2), None),
            Severity.OK,
            "2 messages pulled. The platform did not say how many are still waiting.",
        ),
        (report((1,), problem="It is odd."), Severity.WARNING, "1 message pulled. It is odd."),
        (
            report((1,), problem="It was cut.", complete=False),
            Severity.DANGER,
            "Recovered 1, the server said 1, 0 not received. It was cut. Every byte that arrived"
            " is kept.",
        ),
        (
            PullReport(1, (1, 2), 5, None, problem="It was cut.", complete=False),
            Severity.DANGER,
            "Recovered 2, the server said 5, 3 not received. It was cut. Every byte that arrived"
            " is kept.",
        ),
        (
            PullReport(1, (1, 2), None, None, problem="It was cut.", complete=False),
            Severity.DANGER,
            "Recovered 2; how many the server handed out is not known. It was cut. Every byte that"
            " arrived is kept.",
        ),
        (
            report((1,), 5, competing="Another consumer pulls."),
            Severity.WARNING,
            "1 message pulled. Another consumer pulls.",
        ),
        (
            report((), error=Refusal("The platform refused.")),
            Severity.DANGER,
            "The platform refused.",
        ),
    ],
)
def test_pull_result(given: PullReport, severity: Severity, sentence: str) -> None:
    """The result of a pull names the messages stored, still waiting and possibly lost."""
    result = describe_pull_result(given)

    assert (result.severity, result.sentence) == (severity, sentence)


NOON = 12 * HOUR


@pytest.mark.parametrize(
    ("pull_loop", "indicator", "text"),
    [
        (
            PullLoopStatus(PullLoopMode.AUTO, PullLoopState.PULLING),
            Indicator.BUSY,
            "Auto pull: pulling",
        ),
        (
            PullLoopStatus(PullLoopMode.AUTO, PullLoopState.WAITING, next_at=NOON),
            Indicator.OK,
            "Auto pull: next at 12:00:00",
        ),
        (
            PullLoopStatus(
                PullLoopMode.AUTO, PullLoopState.WAITING, since=NOW - 5 * MINUTE, next_at=NOON
            ),
            Indicator.OK,
            "Auto pull: quiet for 5 min, next at 12:00:00",
        ),
        (
            PullLoopStatus(
                PullLoopMode.AUTO,
                PullLoopState.WAITING,
                last_at=NOW,
                since=NOW - HOUR,
                next_at=NOON,
            ),
            Indicator.OK,
            "Auto pull: next at 12:00:00",
        ),
        (
            PullLoopStatus(PullLoopMode.AUTO, PullLoopState.BACKING_OFF, next_at=NOON),
            Indicator.WARNING,
            "Auto pull: backing off until 12:00:00",
        ),
        (
            PullLoopStatus(PullLoopMode.AUTO, failed=True),
            Indicator.DANGER,
            "Auto pull: ended with an error",
        ),
        (
            PullLoopStatus(PullLoopMode.UNTIL_EMPTY, PullLoopState.PULLING, batches=2),
            Indicator.BUSY,
            "Pull all waiting messages: pulling",
        ),
    ],
)
def test_pull_loop(pull_loop: PullLoopStatus, indicator: Indicator, text: str) -> None:
    """A pull loop is pulling, waiting until a time, backing off until a time, or failed."""
    state = describe_pull_loop(pull_loop, NOW, UTC)

    assert state
    assert (state.indicator, state.text) == (indicator, text)


def test_a_finished_pull_loop_has_no_text() -> None:
    """A loop that its user stopped adds nothing to the state of the last pull."""
    assert describe_pull_loop(PullLoopStatus(), NOW) is None
    assert describe_pull_loop(PullLoopStatus(PullLoopMode.AUTO, batches=3), NOW) is None


def test_pull_loop_details_name_a_suspension() -> None:
    """The details name the time in which nothing could be pulled, and the messages pulled."""
    pull_loop = PullLoopStatus(
        PullLoopMode.AUTO,
        PullLoopState.WAITING,
        3,
        70,
        next_at=NOON,
        suspended=(NOON, NOON + 60_000),
    )
    state = describe_pull_loop(pull_loop, NOW, UTC)

    assert state
    assert "70 messages in 3 pulls" in state.details
    assert (
        "suspended from 1970-01-01 12:00:00.000 UTC to 1970-01-01 12:01:00.000 UTC" in state.details
    )


@pytest.mark.parametrize(
    ("result", "severity", "sentence"),
    [
        (
            PullLoopResult(7, 3, "Stopped.", complete=True),
            Severity.OK,
            "7 messages in 3 pulls. Stopped.",
        ),
        (
            PullLoopResult(1, 1, "It was cut.", complete=False),
            Severity.DANGER,
            "1 message in 1 pull. It was cut.",
        ),
        (
            PullLoopResult(
                1,
                1,
                "Stopped.",
                complete=True,
                report=report((1,), competing="Another consumer pulls."),
            ),
            Severity.WARNING,
            "1 message in 1 pull. Stopped. Another consumer pulls.",
        ),
    ],
)
def test_pull_loop_result(result: PullLoopResult, severity: Severity, sentence: str) -> None:
    """The result of a loop names the sum, why it ended, and a competing consumer."""
    assert describe_pull_loop_result(result) == ResultText(severity, sentence)


@pytest.mark.parametrize(
    ("archive", "indicator", "text"),
    [
        (ArchiveStatus(), Indicator.OK, "Listening, no requests yet (1 min)"),
        (
            ArchiveStatus(
                refused=31, refused_at=NOW - 5 * MINUTE, refusal=RefusalReason.WRONG_PATH
            ),
            Indicator.WARNING,
            "31 requests refused: wrong path, last 5 min ago",
        ),
        (
            ArchiveStatus(forwarded_at=NOW - HOUR),
            Indicator.OK,
            "Listening, last forward 1 h ago",
        ),
    ],
)
def test_the_listener_counts_what_the_archive_holds(
    archive: ArchiveStatus, indicator: Indicator, text: str
) -> None:
    """A listener is never green above refused requests, nor without the forwards of yesterday."""
    listening = ListenerStatus(ListenerState.LISTENING, since=NOW - MINUTE)

    state = describe_listener(listening, NOW, UTC, archive)

    assert (state.indicator, state.text) == (indicator, text)


def test_another_process_receives() -> None:
    """A listener that is stopped here says so if requests arrive all the same."""
    archive = ArchiveStatus(forwarded_at=NOW - 5000)

    state = describe_listener(ListenerStatus(), NOW, UTC, archive)

    assert state.text == "Listener stopped here, last request 5 s ago"
    assert "ibconsole listen" in state.details


def test_another_process_pulls() -> None:
    """A pull by another process is not hidden behind the state of this one."""
    state = describe_pull(PullStatus(PullState.ELSEWHERE, last_at=NOW), NOW, UTC)

    assert state.indicator is Indicator.BUSY
    assert state.text.startswith("Another window or process pulling since ")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Indicator.OK, Indicator.WARNING),
        (Indicator.OFF, Indicator.WARNING),
        (Indicator.BUSY, Indicator.BUSY),
        (Indicator.DANGER, Indicator.DANGER),
    ],
)
def test_no_green_hides_another_puller(before: Indicator, after: Indicator) -> None:
    """While another process pulls, the state says so, and its details say who."""
    state = StatusText(before, "Last pull 3 s ago")
    assert with_other_puller(state, "") is state

    shown = with_other_puller(state, "Auto pull, process 7")

    assert shown.indicator is after
    assert shown.text == "Last pull 3 s ago · another window or process pulls"
    assert "Auto pull, process 7" in shown.details


def test_rules_of_answers_count_down() -> None:
    """The text says which rules are set and what is left of their time, never green."""
    answers = AnswersStatus(
        "down for 10 minutes", NOW, NOW + 432_000, "down: status 503", (("down", 3),)
    )
    listening = ListenerStatus(ListenerState.LISTENING, since=NOW, answers=answers)

    assert describe_answers(answers, NOW) == StatusText(
        Indicator.WARNING,
        "Answers: down for 10 minutes, 7:12 left",
        "Next: down: status 503.\n3 requests answered by “down”.",
    )
    shown = describe_listener(listening, NOW)
    assert shown.indicator is Indicator.WARNING
    assert shown.text.endswith(" · Answers: down for 10 minutes, 7:12 left")
    over = describe_answers(answers, NOW + 432_000)
    assert (over.indicator, over.text) == (
        Indicator.OFF,
        "Answers: down for 10 minutes is over, 200 again",
    )
    assert describe_listener(listening, NOW + 432_000).text == "Listening, no requests yet (7 min)"
    for_ever = AnswersStatus("slow", NOW, None, "slow: status 200 after 30 s")
    assert describe_answers(for_ever, NOW).text == "Answers: slow"

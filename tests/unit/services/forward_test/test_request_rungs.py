"""Judgments on answers: one, a repetition, other senders, many at once."""

import pytest

from ibconsole.services.forward_test.records import ForwardTest
from ibconsole.services.forward_test.request_rungs import (
    answer_rung,
    not_compared_rung,
    parallel_rung,
    repeat_rung,
    senders_rung,
    unstable_rung,
)
from ibconsole.services.forward_test.rungs import Cause, RungState
from ibconsole.services.forward_test.verdict import ForwardOutcome, judge

URL = "https://x.example/in"
STATUSES = {409: Cause.STATUS_409, 403: Cause.STATUS_403, 500: Cause.STATUS_500}


def outcome_of(status: int | None, sender: str = "the platform") -> ForwardTest:
    cause = STATUSES.get(status or 0, Cause.NONE if status else Cause.NO_ANSWER_IN_TIME)
    verdict = judge(URL, ForwardOutcome(status, problem="" if status else "No answer."))
    return ForwardTest(0, URL, b"", verdict, status, sender=sender, cause=cause)


@pytest.mark.parametrize(
    ("first", "second", "cause"),
    [
        (200, 200, Cause.NONE),
        (200, 409, Cause.DUPLICATE_REFUSED),
        (200, 500, Cause.DUPLICATE_DIFFERS),
        (200, None, Cause.DUPLICATE_DIFFERS),
    ],
)
def test_repetitions(first: int, second: int | None, cause: Cause) -> None:
    """A repeated message is to be accepted as the first."""
    assert repeat_rung(outcome_of(first), outcome_of(second)).cause is cause


def test_a_refused_sender() -> None:
    """The difference that lifts a refusal is named; without one, senders do not matter."""
    first = outcome_of(403)
    curl = {"ours": outcome_of(403, "ibconsole"), "curl": outcome_of(200, "curl")}
    agent = curl | {"other agent": outcome_of(200, "with curl's User-Agent")}

    filtered = senders_rung(first, agent)
    assert filtered.sentence.startswith("403 only as the platform: filtered by User-Agent.")
    assert filtered.sentence.endswith("Accepted as curl, with curl's User-Agent.")
    assert (filtered.state, filtered.cause) == (RungState.FAILED, Cause.USER_AGENT_FILTERED)
    assert senders_rung(first, curl).cause is Cause.SENDER_FILTERED
    assert senders_rung(first, {"ours": outcome_of(403)}).state is RungState.PASSED
    assert senders_rung(first, {}).state is RungState.PASSED


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("expect", Cause.EXPECT_REFUSED),
        ("chunked", Cause.CHUNKED_REFUSED),
        ("lower case", Cause.HEADER_CASE),
        ("no agent", Cause.NEEDS_USER_AGENT),
        ("other agent", Cause.USER_AGENT_FILTERED),
        ("our agent", Cause.USER_AGENT_FILTERED),
        ("curl", Cause.SENDER_FILTERED),
    ],
)
def test_what_an_endpoint_depends_on(name: str, cause: Cause) -> None:
    """A change that is refused is a warning: the platform's own request is accepted."""
    rung = senders_rung(outcome_of(200), {name: outcome_of(403, "curl")})

    assert (rung.state, rung.cause) == (RungState.WARNING, cause)


def test_many_at_once() -> None:
    """Those that fail are counted."""
    rung = parallel_rung([outcome_of(200), outcome_of(500), outcome_of(500)])

    assert (rung.state, rung.cause) == (RungState.WARNING, Cause.PARALLEL_REFUSED)
    assert rung.details == ("2 of 3: 500.", "1 of 3: 200.")
    assert parallel_rung([outcome_of(200)]).state is RungState.PASSED


def test_answers() -> None:
    """An answer's rung has the verdict, and the remedy of its cause."""
    rung = answer_rung(outcome_of(403))

    assert rung.sentence.startswith("No: 403")
    assert "published networks" in rung.remedy
    assert not_compared_rung("it is slow").state is RungState.SKIPPED
    assert unstable_rung(outcome_of(200), outcome_of(500)).cause is Cause.UNSTABLE

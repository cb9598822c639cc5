"""The order of a thread, its silences, and what is remarkable about its messages."""

import pytest

from ibconsole.archive.records import Via
from ibconsole.services.threads.arranging import (
    Redelivered,
    RemarkKind,
    Silence,
    ThreadEntry,
    arrange,
    duration,
)
from ibconsole.services.threads.subjects import RelatedIds
from tests.unit.services.threads.records import SUBJECT, entry

MINUTE, HOUR = 60_000, 3_600_000


def test_messages_are_in_the_order_in_which_the_platform_received_them() -> None:
    """A message that arrives late is where it belongs; one without a time is where it arrived."""
    entries = [entry(1, 5_000, late=9_000), entry(2, 1_000), entry(3, None, late=3_000)]

    thread = arrange(SUBJECT, entries, 10_000)

    assert [one.id for one in thread.entries] == [2, 3, 1]
    assert not thread.remarks


def test_a_message_that_came_again_says_how_and_when() -> None:
    """The first arrival is the message; others are named by their way. No id is no identity."""
    entries = [
        entry(1, 1_000, name="m"),
        entry(2, 1_000, name="m", late=60_000),
        entry(3, 1_000, name="m", via=Via.PULL, late=120_000),
        entry(4, 1_000, name=""),
        entry(5, 1_000, name=""),
    ]

    remarks = {
        one.id: one.remarks[0].sentence
        for one in arrange(SUBJECT, entries, 0).entries
        if one.remarks
    }

    assert remarks == {
        2: "It arrived again by forward, 1 min later.",
        3: "It came by forward first, and by pull 2 min later.",
    }


def test_missing_pairs_and_refused_forwards_are_remarks() -> None:
    """A named message that is not in the record, and an answer that is no 2xx."""
    ids = RelatedIds(paired_message_id="gone", initial_message_id="there")
    entries = [
        entry(1, 0, ids=ids, answered=200),
        entry(2, 1, answered=503, rule="Busy"),
        entry(3, 2, answered=204),
    ]

    thread = arrange(SUBJECT, entries, 0, missing={"gone"})

    assert thread.remarks == {RemarkKind.PAIR_MISSING: 1, RemarkKind.REFUSED: 1}
    assert "message gone is not in this record" in thread.entries[0].remarks[0].sentence
    assert thread.entries[1].remarks[0].sentence == "The forward was answered 503 by “Busy”."
    assert ThreadEntry(message=entries[0].message, rule="Silent").answer == "no status by “Silent”"


def test_a_silence_is_longer_than_the_rhythm_of_the_thread() -> None:
    """Duplicates are no rhythm, few messages have none, and the last silence goes on."""
    every_ten = [entry(number, number * 10 * MINUTE) for number in range(8)]
    late = entry(8, 70 * MINUTE + 5 * HOUR)
    again = entry(9, 70 * MINUTE, name="7", late=HOUR)
    now = late.at + 2 * HOUR

    silences = arrange(SUBJECT, [*every_ten, late, again], now).silences

    usual = 10 * MINUTE
    assert silences == (
        Silence(
            since=70 * MINUTE, until=late.at, lasted_ms=5 * HOUR, usual_ms=usual, before=late.id
        ),
        Silence(since=late.at, until=None, lasted_ms=2 * HOUR, usual_ms=usual),
    )
    assert silences[0].sentence == "Silence of 5 h; three of four gaps are 10 min or shorter."
    assert silences[1].sentence == "Silent for 2 h; three of four gaps are 10 min or shorter."
    assert arrange(SUBJECT, [every_ten[0], late], now).silences == ()


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "less than 1 s"),
        (-5, "less than 1 s"),
        (1_000, "1 s"),
        (90_000, "1 min 30 s"),
        (86_400_000 + 5_000, "1 d"),
        (3 * 86_400_000 + 4 * HOUR + MINUTE, "3 d 4 h"),
    ],
)
def test_durations_have_two_units(ms: int, text: str) -> None:
    """The two largest units, of which the second may be left out."""
    assert duration(ms) == text


def test_what_was_sent_again_is_a_phrase() -> None:
    """State, status, host and job: no path, which may be a secret."""
    sent = Redelivered(job=3, host="x.example", state="undelivered", attempts=2, changed_at=1)

    assert sent.phrase == "undelivered at x.example, job 3"

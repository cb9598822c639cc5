"""Threads in the terminal: JSON, a table, and a sentence."""

from msgspec.structs import replace

from ibconsole.archive.records import Via
from ibconsole.services.threads.arranging import FollowedThread, Redelivered, arrange
from ibconsole.services.threads.describing import (
    HEADERS,
    describe_thread,
    lag_of,
    thread_object,
    thread_rows,
)
from tests.unit.services.threads.records import SUBJECT, entry

HOUR = 3_600_000


def a_thread() -> FollowedThread:
    """Return a thread with a duplicate, a silence, and a message that was sent again."""
    sent = Redelivered(
        job=1, host="x.example", state="acknowledged", attempts=1, changed_at=5, status=200
    )
    entries = [entry(number, number * 60_000) for number in range(8)]
    again = entry(9, 60_000, name="1", via=Via.PULL, late=60_000)
    last = entry(10, 9 * HOUR, late=2_500, redelivered=(sent,), answered=200)
    return arrange(SUBJECT, [*entries, again, last], 9 * HOUR)


def test_a_table_has_the_silences_between_the_messages() -> None:
    """Each row has a cell for each header; the sentence counts what is remarkable."""
    thread = a_thread()

    rows = list(thread_rows(thread))

    assert {len(row) for row in rows} == {len(HEADERS)}
    assert [row[0] for row in rows] == ["0", "1", "9", *map(str, range(2, 8)), "", "10"]
    assert rows[2][-1] == "came by both ways"
    assert rows[-2][-1].startswith("Silence of 8 h 53 min")
    assert rows[-1][1:5] == ("1970-01-01T09:00:00.000+00:00", "2 s", "forward", "200")
    assert rows[-1][-1] == "sent again: acknowledged (200) at x.example, job 1"
    assert describe_thread(thread) == "10 messages, 1 silence, 1 came by both ways."
    capped = replace(thread, is_capped=True)
    assert describe_thread(capped).endswith("newest 10 are kept; older ones are left out.")
    ended = arrange(SUBJECT, thread.entries, 20 * HOUR)
    assert list(thread_rows(ended))[-1][-1].startswith("Silent for 11 h")


def test_json_has_everything_in_utc() -> None:
    """Times are ISO 8601, a lag is in milliseconds, and nothing is left out."""
    found = thread_object(a_thread())

    assert (found["follows"], found["value"]) == ("installation", "device")
    assert found["remarks"] == {"both ways": 1}
    assert found["silences"][0]["before"] == 10
    last = found["messages"][-1]
    assert (last["receivedAt"], last["lagMs"]) == ("1970-01-01T09:00:00.000+00:00", 2_500)
    assert last["sentAgain"][0]["changedAt"] == "1970-01-01T00:00:00.005+00:00"


def test_a_lag_may_be_unknown_or_negative() -> None:
    """Without the time of receipt there is none; a clock may be wrong."""
    assert [lag_of(one) for one in (entry(1, None), entry(1, 9_000, late=-9_000))] == ["", "-9 s"]

"""The rows and columns of a thread."""

from ibconsole.services.threads.arranging import Redelivered, Silence, arrange
from ibconsole.ui.threads.columns import ThreadRow, rows_of, thread_columns
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.unit.services.threads.records import SUBJECT, entry


def test_a_silence_has_a_time_and_a_sentence_alone() -> None:
    """Each column has a text for a message and for a silence; tooltips say more."""
    sent = Redelivered(job=1, host="x.example", state="unknown", attempts=1, changed_at=0)
    entries = [entry(number, number * 60_000, redelivered=(sent,)) for number in range(8)]
    rows = list(rows_of(arrange(SUBJECT, entries, 36_000_000)))
    columns = {one.header: one for one in thread_columns(str, {}, TimeDisplay())}

    assert [row.identity for row in rows[:-1]] == list(range(8))
    silence = rows[-1]
    assert silence.identity < 0
    assert [header for header, one in columns.items() if one.text(silence)] == ["Time", "Text"]
    assert columns["Text"].text(silence) == "Silent for 9 h 53 min"
    assert columns["Remarks"].text(rows[0]) == "sent again: unknown"
    remarks = columns["Remarks"].tooltip
    assert remarks is not None
    assert remarks(rows[0]) == "Sent again: unknown at x.example, job 1."
    assert remarks(silence) == ""
    at = Silence(since=1, until=2, lasted_ms=1, usual_ms=1)
    assert ThreadRow(silence=at).identity == -2

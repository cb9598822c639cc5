"""The messages of an application are counted by hour, within bounds."""

from pathlib import Path

from ibconsole.archive.archive import Archive
from ibconsole.archive.history.activity import (
    HourActivity,
    MessageActivity,
    latest_arrival,
    message_activity,
    stored_tests,
)
from ibconsole.archive.records import ForwardTestRecord
from tests.unit.archive.deliveries import batch, forward, pull

HOUR = 3_600_000
END = 1 << 60


def test_messages_by_hour_and_way(path: Path, archive: Archive) -> None:
    """Hours without messages, and other applications, are left out."""
    for at in (HOUR + 1, HOUR + 2, 5 * HOUR):
        forward(archive, {"applicationCode": "a"}, {"applicationCode": "b"}, arrived_at=at)
    pull(archive, batch({"applicationCode": "a"}))

    found = message_activity(path, "a", 0, END)

    assert found.complete_from is None
    assert found.hours[:2] == (
        HourActivity(HOUR, HOUR + 1, HOUR + 2, 0, 2),
        HourActivity(5 * HOUR, 5 * HOUR, 5 * HOUR, 0, 1),
    )
    assert (found.hours[2].pulled, found.hours[2].forwarded) == (1, 0)
    assert message_activity(path, "a", HOUR + 2, 5 * HOUR).hours == (
        HourActivity(HOUR, HOUR + 2, HOUR + 2, 0, 1),
    )
    assert message_activity(path, "x", 0, END) == MessageActivity()
    assert latest_arrival(path, "a") == found.hours[2].last
    assert latest_arrival(path, "x") is None


def test_of_very_many_messages_the_latest_are_counted(path: Path, archive: Archive) -> None:
    """The hour in which counting ended is left out: it would have too few messages."""
    for at in (1, 2, HOUR + 1, HOUR + 2):
        forward(archive, {"applicationCode": "a"}, arrived_at=at)

    found = message_activity(path, "a", 0, END, limit=3)

    assert [(one.at, one.forwarded) for one in found.hours] == [(HOUR, 2)]
    assert found.complete_from == HOUR
    assert message_activity(path, "a", 0, END, limit=2) == MessageActivity((), END)
    assert message_activity(path, "a", 0, END, limit=4).complete_from is None


def test_tests_of_urls(path: Path, archive: Archive) -> None:
    """The verdict is read, not what was sent; records of any version are read."""
    facts = '{"verdict":{"counts":"no","sentence":"No: 404."}}'
    for at, url in enumerate(("https://a", "https://b", "https://a")):
        record = ForwardTestRecord(0, at, url, 404, b"{}", b"", facts if at else "{}")
        archive.add_forward_test(record)

    found = stored_tests(path, ["https://a"], 0, 9)

    assert [(one.at, one.counts, one.sentence) for one in found] == [
        (0, "", ""),
        (2, "no", "No: 404."),
    ]
    assert [one.at for one in stored_tests(path, ["https://a", "https://b"], 1, 2)] == [1]

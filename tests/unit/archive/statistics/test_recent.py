"""The latest messages of an application, pulls on a connection, and tests of URLs."""

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Flags, ForwardTestRecord
from ibconsole.archive.statistics.recent import (
    PlatformObservations,
    forwarded_messages,
    platform_observations,
    recent_forwards,
    recent_messages,
    recent_pulls,
    sent_payloads,
)
from tests.unit.archive.deliveries import arrival, batch, pull


def test_recent_messages(archive: Archive, reader: Reader) -> None:
    """The latest arrivals of one application are found, the newest first."""
    mine = [{"messageId": str(n % 2), "applicationCode": "a"} for n in range(3)]
    archive.decode(archive.add_forwards([arrival(batch(*mine), arrived_at=5)]))
    archive.decode(archive.add_forwards([arrival(batch({"applicationCode": "b"}))]))
    found = reader.ask(recent_messages, "a", 2)

    assert [(one.id, one.via) for one in found] == [(3, "forward"), (2, "forward")]
    assert (found[0].flags, found[0].duplicate_of, found[0].arrived_at) == (Flags.DUPLICATE, 1, 5)
    assert reader.ask(recent_messages, "c", 2) == []


def test_recent_pulls(archive: Archive, reader: Reader) -> None:
    """Pulls of one connection are found with their figures; those never sent are left out."""
    unsent = archive.begin_pull(connection="c", base_url="https://x", limit=None)
    archive.fail_pull(unsent, "The name was not found.")
    pull(archive, batch({}, pending=7))
    pull(archive, batch({}), connection="d")
    pull(archive, b"no", status=500, complete=False)
    newest, oldest = reader.ask(recent_pulls, "c", 9)

    assert (newest.status, newest.complete, newest.pending) == (500, False, None)
    assert (oldest.status, oldest.messages, oldest.announced, oldest.pending) == (200, 1, 1, 7)
    assert (oldest.complete, oldest.interrupted, oldest.problem) == (True, False, "")
    assert reader.ask(recent_pulls, "c", 1) == [newest]


def test_latest_tests(archive: Archive, reader: Reader) -> None:
    """Of each URL the latest test and the latest ladder are found."""
    for at, url in enumerate(("https://a", "https://b", "https://a", "https://b", "https://c")):
        facts = '{"ladder":{}}' if at == 1 else '{"ladder":null}'
        archive.add_forward_test(ForwardTestRecord(0, at, url, 200, b"{}", b"ok", facts))

    found = reader.latest_forward_tests(["https://a", "https://b", "https://d"])

    assert sorted((one.url, one.at) for one in found) == [
        ("https://a", 2),
        ("https://b", 1),
        ("https://b", 3),
    ]


def test_recent_forwards(archive: Archive, reader: Reader) -> None:
    """The latest forwards with messages are found, and which messages they have."""
    for body in (batch({"messageId": "a"}), batch(), batch({"messageId": "a"}, {"text": "x"})):
        archive.decode(archive.add_forwards([arrival(body, arrived_at=7)]))
    pull(archive, batch({"messageId": "p"}))

    assert reader.ask(recent_forwards, 9) == [3, 1]
    assert reader.ask(recent_forwards, 1) == [3]
    found = reader.ask(forwarded_messages, [3, 1])
    assert [(one.message_id, one.delivery, one.arrived_at) for one in found] == [
        ("a", 1, 7),
        ("a", 3, 7),
    ]
    assert reader.ask(forwarded_messages, []) == []


def test_sent_payloads(archive: Archive, reader: Reader) -> None:
    """Of the latest tests the time and the size are read, not what was sent."""
    for at in (5, 6):
        archive.add_forward_test(ForwardTestRecord(0, at, "https://a", 200, b"{}", b"", "{}"))

    assert [(one.at, one.size) for one in reader.ask(sent_payloads, 1)] == [(6, 2)]


def test_observations_of_the_platform(archive: Archive, reader: Reader) -> None:
    """An empty archive has none; otherwise the largest is found with its time."""
    assert reader.ask(platform_observations, 9) == PlatformObservations()
    message = {"messageId": "a", "receivedAt": "1970-01-01T00:00:01.000+0000"}
    archive.decode(archive.add_forwards([arrival(batch(message), arrived_at=5_000)]))
    pull(archive, batch(message, {"messageId": "b"}))
    pull(archive, batch({"messageId": "c"}))
    found = reader.ask(platform_observations, 9)

    assert (found.both_ways, found.pulled, found.pulls, found.largest_pull) == (1, 1, 2, 2)
    assert found.longest_wait is not None
    assert found.longest_wait_at == found.longest_wait + 1_000
    assert reader.ask(platform_observations, 1).both_ways == 0

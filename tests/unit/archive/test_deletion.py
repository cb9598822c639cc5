"""Deliveries of a connection, or beyond a retention policy, are deleted completely."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.ledger.jobs import JobWriter, NewItem, NewRedelivery
from ibconsole.archive.ledger.records import RedeliveryForm, RedeliveryKind, RedeliveryOptions
from ibconsole.archive.outbox.outbox import Outbox
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, RetentionPolicy, Via
from tests.unit.archive.deliveries import arrival, batch, pull

PRIVATE = "a text that must not be found again"
DAY_MS = 86_400_000
NOW = time.time_ns() // 1_000_000
REDELIVERY = NewRedelivery(
    kind=RedeliveryKind.RESEND,
    connection="",
    url="http://h/",
    form=RedeliveryForm.AS_RECEIVED,
    options=RedeliveryOptions(),
)


def pull_texts(archive: Archive, connection: str, *texts: str) -> tuple[int, ...]:
    body = batch(*({"messageId": text, "text": text} for text in texts))
    return pull(archive, body, connection=connection).message_ids


def forward(archive: Archive, messages: int, days_ago: float = 0, size: int = 10) -> None:
    body = batch(*({"text": "x" * size} for _ in range(messages)))
    arrived_at = NOW - int(days_ago * DAY_MS)
    archive.decode(archive.add_forwards([arrival(body, arrived_at=arrived_at)]))


def delete_connection(archive: Archive, connection: str) -> int:
    total = 0
    while (deleted := archive.delete_batch(connection))[0]:
        total += deleted[1]
    return total


def apply(archive: Archive, policy: RetentionPolicy) -> int:
    below, total = archive.preview_retention(policy).below, 0
    while (deleted := archive.delete_batch_below(below))[0]:
        total += deleted[1]
    return total


@pytest.fixture
def filled(archive: Archive) -> Archive:
    for messages, days_ago in ((2, 40), (3, 20), (0, 10), (1, 5), (4, 0)):
        forward(archive, messages, days_ago)
    return archive


def test_only_one_connection_is_deleted(archive: Archive, reader: Reader) -> None:
    """Messages of other connections, and forwards of none, stay."""
    pull_texts(archive, "a", "one", "two")
    [kept] = pull_texts(archive, "b", "three")
    [forwarded] = archive.add_forwards([arrival(batch({"messageId": "4"}))])
    archive.decode([forwarded])

    assert archive.count_messages("a") == 2
    assert delete_connection(archive, "a") == 2
    assert archive.count_messages("a") == 0
    assert reader.counts().messages == 2
    assert next(iter(reader.find(Filter()))) == kept
    assert list(reader.find_deliveries(Via.FORWARD)) == [forwarded]


def test_ids_are_never_reused(archive: Archive, reader: Reader) -> None:
    """A reader that continues after the newest message misses nothing after a deletion."""
    [first] = pull_texts(archive, "a", "one")
    last = pull_texts(archive, "a", "two", "three")[-1]
    delete_connection(archive, "a")

    [new] = pull_texts(archive, "b", "four")

    assert first < last < new
    assert list(reader.find(Filter(), after=last)) == [new]


def test_deleted_messages_are_overwritten(archive: Archive, path: Path) -> None:
    """Deleted texts are no longer in the file, nor in its log."""
    pull_texts(archive, "a", PRIVATE)

    delete_connection(archive, "a")
    archive.close()

    for file in path.parent.glob("archive.sqlite3*"):
        assert PRIVATE.encode() not in file.read_bytes()


def test_deletion_in_batches(archive: Archive, reader: Reader) -> None:
    """A batch deletes the oldest deliveries only, and repeated batches delete all."""
    for number in range(5):
        pull_texts(archive, "a", f"text {number}")

    assert archive.delete_batch("a", size=2) == (2, 2)
    assert [message.text for message in reader.messages(Filter())] == [
        "text 2",
        "text 3",
        "text 4",
    ]
    assert delete_connection(archive, "a") == 3
    assert archive.delete_batch("a") == (0, 0)
    assert reader.counts().messages == 0


def test_a_running_pull_is_not_deleted(archive: Archive, reader: Reader) -> None:
    """The bytes of a pull that is under way stay: they exist nowhere else."""
    delivery = archive.begin_pull(connection="a", base_url="https://x.example", limit=50)
    archive.append_answer(delivery, b"{")

    assert delete_connection(archive, "a") == 0
    assert reader.delivery_body(delivery) == b"{"


@pytest.mark.parametrize(
    ("policy", "deliveries", "messages"),
    [
        (RetentionPolicy(), 0, 0),
        (RetentionPolicy(days=100), 0, 0),
        (RetentionPolicy(days=30), 1, 2),
        (RetentionPolicy(days=7), 3, 5),
        (RetentionPolicy(days=1), 4, 6),
        (RetentionPolicy(count=100), 0, 0),
        (RetentionPolicy(count=9), 1, 2),
        (RetentionPolicy(count=5), 2, 5),
        (RetentionPolicy(count=4), 4, 6),
        (RetentionPolicy(count=3), 5, 10),
        (RetentionPolicy(count=0), 5, 10),
        (RetentionPolicy(size=10_000_000), 0, 0),
        (RetentionPolicy(size=0), 5, 10),
        (RetentionPolicy(days=30, count=5), 2, 5),
        (RetentionPolicy(days=1, count=100), 4, 6),
    ],
)
def test_retention(
    filled: Archive, reader: Reader, policy: RetentionPolicy, deliveries: int, messages: int
) -> None:
    """A policy deletes what its preview states, the oldest first, and keeps the rest."""
    preview = filled.preview_retention(policy)
    assert (preview.deliveries, preview.messages) == (deliveries, messages)
    assert reader.counts().messages == 10

    assert apply(filled, policy) == messages
    assert reader.counts().messages == len(reader.find(Filter())) == 10 - messages
    assert reader.counts().forwards == 5 - deliveries
    assert filled.preview_retention(policy).deliveries == 0
    assert reader.verify(lambda _: None).damages == ()


def test_preview_states_size_and_times(filled: Archive) -> None:
    """Size and times of a preview are those of the deliveries to be deleted."""
    preview = filled.preview_retention(RetentionPolicy(days=7))

    assert preview.oldest == NOW - 40 * DAY_MS
    assert preview.newest == NOW - 10 * DAY_MS
    assert 300 < preview.size < 1_500


@settings(max_examples=12)
@given(sizes=st.lists(st.integers(0, 400), min_size=1, max_size=8), limit=st.integers(0, 6_000))
def test_size(tmp_path_factory: pytest.TempPathFactory, sizes: list[int], limit: int) -> None:
    """No more than the limit is kept, and no delivery is deleted that is within it."""
    with Archive(tmp_path_factory.mktemp("size") / "archive.sqlite3") as archive:
        for size in sizes:
            forward(archive, 1, size=size)
        everything = archive.preview_retention(RetentionPolicy(count=0))
        apply(archive, RetentionPolicy(size=limit))
        kept = archive.preview_retention(RetentionPolicy(count=0))
        assert kept.size <= limit
        if kept.deliveries < everything.deliveries:
            next_size = sizes[len(sizes) - kept.deliveries - 1]
            overhead = (everything.size - sum(sizes)) / len(sizes)
            assert kept.size + next_size + overhead > limit - 50


def test_retention_keeps_unfinished_deliveries(archive: Archive, reader: Reader) -> None:
    """A pull under way, a forward that is not decoded, and everything newer is kept."""
    forward(archive, 1)
    running = archive.begin_pull(connection="c", base_url="https://x", limit=1)
    forward(archive, 1)
    [undecoded] = archive.add_forwards([arrival(batch({"text": "t"}))])

    assert apply(archive, RetentionPolicy(count=0)) == 1
    assert [each.id for each in reader.deliveries(range(10))] == [running, running + 1, undecoded]


def test_what_a_redelivery_needs_is_kept(filled: Archive, path: Path) -> None:
    """Until no message of it waits or is unknown any more; the preview says so."""
    with JobWriter(path) as jobs:
        job = jobs.create(REDELIVERY, [NewItem(1, 1, "", "")])
        everything = RetentionPolicy(count=0)
        preview = filled.preview_retention(everything)
        assert (preview.deliveries, preview.needed, preview.messages) == (4, 1, 8)
        assert apply(filled, everything) == 8

        jobs.cancel(job, by="anna")
    assert filled.preview_retention(everything).needed == 0
    assert apply(filled, everything) == 2


def test_a_connection_keeps_what_a_redelivery_needs(archive: Archive, path: Path) -> None:
    """The user is not left with a part of the messages, but reads why nothing was deleted."""
    [message] = pull_texts(archive, "a", "one")
    archive.require_unneeded("a")
    with JobWriter(path) as jobs:
        jobs.create(REDELIVERY, [NewItem(message, 1, "one", "")])
    with pytest.raises(ArchiveError, match="redelivery 1 still needs 1 message"):
        archive.require_unneeded("a")
    assert delete_connection(archive, "a") == 0


def test_what_waits_for_a_team_is_not_deleted(path: Path, archive: Archive) -> None:
    """It exists nowhere else: retention passes over it, and a connection with it stays whole."""
    pull_texts(archive, "a", "before")
    with Outbox(path) as outbox:
        outbox.set_targets({"a": "team"})
        pull_texts(archive, "a", "waits")
        preview = archive.preview_retention(RetentionPolicy(count=0))
        assert (preview.deliveries, preview.waiting) == (0, 2)
        assert archive.delete_batch_below(preview.below) == (0, 0)
        with pytest.raises(ArchiveError, match="2 pulls and forwards of this connection wait"):
            archive.require_unneeded("a")

        while outbox.note_stored("team"):
            pass
        first, second = sorted(outbox.read("team").rows, key=lambda row: row.key)
        outbox.set_aside([first], "It is refused.")
        outbox.remove([second])
        assert archive.delete_batch_below(preview.below) == (1, 1)
        outbox.remove_targets(["a"])
        archive.require_unneeded("a")
        assert archive.delete_batch_below(preview.below) == (1, 1)

"""What goes where not everything is kept: the oldest, whole, and no more than was said."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.archive import deletion as forgetting
from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, RetentionPolicy
from tests.unit.archive.processes import arrival, batch

PRIVATE = "a text that nobody may find again"


def pull(archive: Archive, connection: str, *texts: str) -> list[int]:
    delivery = archive.begin_pull(connection=connection, base_url="https://x.example", limit=50)
    body = batch(*({"messageId": text, "text": text} for text in texts), pending=0)
    archive.append_body(delivery, body)
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
    [decoded] = archive.decode([delivery])
    return list(decoded.message_ids)


def delete_batch(archive: Archive, connection: str) -> int:
    total = 0
    while (gone := archive.delete_batch(connection))[0]:
        total += gone[1]
    return total


def test_only_one_connection_is_forgotten(archive: Archive, reader: Reader) -> None:
    """What came on other connections, and what was forwarded, stays."""
    pull(archive, "a", "one", "two")
    kept = pull(archive, "b", "three")
    [forwarded] = archive.add_forwards([arrival(batch({"messageId": "4"}, pending=0))])
    archive.decode([forwarded])

    assert archive.count_messages("a") == 2
    assert delete_batch(archive, "a") == 2
    assert archive.count_messages("a") == 0
    assert reader.counts().messages == 2
    assert next(iter(reader.find(Filter()))) == kept[0]
    assert list(reader.find_deliveries("forward")) == [forwarded]


def test_ids_are_never_given_twice(archive: Archive, reader: Reader) -> None:
    """Whoever reads on behind the newest message misses nothing after a deletion."""
    [first] = pull(archive, "a", "one")
    last = pull(archive, "a", "two", "three")[-1]
    delete_batch(archive, "a")

    [new] = pull(archive, "b", "four")

    assert first < last < new
    assert list(reader.find(Filter(), after=last)) == [new]


def test_what_is_forgotten_is_not_in_the_file(archive: Archive, path: Path) -> None:
    """Deleted messages are overwritten, not only unlisted."""
    pull(archive, "a", PRIVATE)

    delete_batch(archive, "a")
    archive.close()

    for file in path.parent.glob("archive.sqlite3*"):
        assert PRIVATE.encode() not in file.read_bytes()


def test_many_deliveries_go_in_pieces(
    archive: Archive, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others can write between the pieces; the end is the same."""
    monkeypatch.setattr(forgetting, "_TOGETHER", 2)
    for number in range(5):
        pull(archive, "a", f"text {number}")

    assert archive.delete_batch("a") == (2, 2)
    assert delete_batch(archive, "a") == 3
    assert reader.counts().messages == 0


def test_a_pull_under_way_stays(archive: Archive, reader: Reader) -> None:
    """Its bytes are still coming, and exist nowhere else."""
    delivery = archive.begin_pull(connection="a", base_url="https://x.example", limit=50)
    archive.append_body(delivery, b"{")

    assert delete_batch(archive, "a") == 0
    assert reader.delivery_body(delivery) == b"{"


DAY = 86_400_000
NOW = time.time_ns() // 1_000_000


def forward(archive: Archive, messages: int, days_ago: float = 0, size: int = 10) -> None:
    body = batch(*({"text": "x" * size} for _ in range(messages)))
    moment = NOW - int(days_ago * DAY)
    archive.decode(archive.add_forwards([arrival(body, arrived_at=moment)]))


def clear(archive: Archive, keep: RetentionPolicy) -> int:
    below, total = archive.preview_retention(keep).below, 0
    while (gone := archive.delete_batch_below(below))[0]:
        total += gone[1]
    return total


@pytest.fixture
def filled(archive: Archive) -> Archive:
    for messages, days_ago in ((2, 40), (3, 20), (0, 10), (1, 5), (4, 0)):
        forward(archive, messages, days_ago)
    return archive


@pytest.mark.parametrize(
    ("keep", "deliveries", "messages"),
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
def test_what_goes(
    filled: Archive, reader: Reader, keep: RetentionPolicy, deliveries: int, messages: int
) -> None:
    """What the preview says is what goes, the oldest first; what stays is within the bounds."""
    preview_retention = filled.preview_retention(keep)
    assert (preview_retention.deliveries, preview_retention.messages) == (deliveries, messages)
    assert reader.counts().messages == 10

    assert clear(filled, keep) == messages
    assert reader.counts().messages == len(reader.find(Filter())) == 10 - messages
    assert reader.counts().forwards == 5 - deliveries
    assert filled.preview_retention(keep).deliveries == 0
    assert reader.verify(lambda _: None).damages == ()


def test_preview_says_how_much_and_from_when(filled: Archive) -> None:
    """Sizes and times are those of what goes."""
    preview_retention = filled.preview_retention(RetentionPolicy(days=7))
    assert preview_retention.oldest == NOW - 40 * DAY
    assert preview_retention.newest == NOW - 10 * DAY
    assert 300 < preview_retention.size < 1_500


@given(sizes=st.lists(st.integers(0, 400), min_size=1, max_size=8), bound=st.integers(0, 6_000))
def test_size(tmp_path_factory: pytest.TempPathFactory, sizes: list[int], bound: int) -> None:
    """No more stays than was said, and no delivery goes for which there was room."""
    with Archive(tmp_path_factory.mktemp("size") / "archive.sqlite3") as archive:
        for size in sizes:
            forward(archive, 1, size=size)
        everything = archive.preview_retention(RetentionPolicy(count=0))
        clear(archive, RetentionPolicy(size=bound))
        left = archive.preview_retention(RetentionPolicy(count=0))
        assert left.size <= bound
        if left.deliveries < everything.deliveries:
            one_more = sizes[len(sizes) - left.deliveries - 1]
            overhead = (everything.size - 3 * sum(sizes)) / len(sizes)
            assert left.size + 3 * one_more + overhead > bound - 50


def test_what_is_under_way_stays(archive: Archive, reader: Reader) -> None:
    """Neither a pull under way goes, nor a forward that is not decoded, nor what came later."""
    forward(archive, 1)
    pull = archive.begin_pull(connection="c", base_url="https://x", limit=1)
    forward(archive, 1)
    [undecoded] = archive.add_forwards([arrival(batch({"text": "t"}))])

    assert clear(archive, RetentionPolicy(count=0)) == 1
    assert [one.id for one in reader.deliveries(range(10))] == [pull, pull + 1, undecoded]

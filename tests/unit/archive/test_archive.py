"""The states of a delivery, in one process and in several."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveUnwritable
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.model.reading import encode, parse
from tests.unit.archive.deliveries import arrival, batch, pull
from tests.unit.archive.processes import process, read_words

BODY = batch({"messageId": "1", "text": "one"}, {"messageId": "2", "text": "two"}, pending=7)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["messageId", "from", "applicationCode", "receivedAt", "text", "keyword", "customPayload"]
)


def test_forwards(archive: Archive, reader: Reader) -> None:
    """Forwards are stored together, in order, byte by byte as they came."""
    first = arrival(BODY, arrived_at=5)
    second = arrival(b"", status=404, problem="The path is not the listener's.")
    ids = archive.add_forwards([first, second])
    stored = reader.deliveries(ids)

    assert [delivery.state for delivery in stored] == ["received", "received"]
    assert [delivery.status for delivery in stored] == [200, 404]
    assert stored[0].ended_at == 5
    assert stored[0].headers == first.headers
    assert reader.delivery_raw(ids[0]) == first.raw
    assert reader.delivery_body(ids[0]) == BODY
    assert [len(decoded.message_ids) for decoded in archive.decode(ids)] == [2, 0]
    assert reader.deliveries(ids)[1].problem == "The path is not the listener's."


def test_not_a_request(archive: Archive, reader: Reader) -> None:
    """Bytes that are not an HTTP request are stored too, as incomplete."""
    [delivery] = archive.add_forwards([arrival(b"", status=400, method="", problem="No HTTP.")])
    stored = reader.delivery(delivery)

    assert stored
    assert not stored.complete


def test_decoding_twice(archive: Archive, reader: Reader) -> None:
    """Decoding a decoded delivery returns its messages and adds none."""
    decoded = pull(archive, BODY)

    assert archive.decode([decoded.delivery]) == [decoded]
    assert reader.counts().messages == 2


def test_unknown_id(archive: Archive) -> None:
    """An unknown delivery id is a bug, and is raised as a LookupError."""
    with pytest.raises(LookupError, match="no delivery 99"):
        archive.decode([99])


def test_odd_texts_around_a_forward(archive: Archive, reader: Reader) -> None:
    """NULs and lone surrogates in the head of a request do not prevent its storing."""
    odd = arrival(BODY, problem="half \ud800 and \0", method="GE\0T")
    [delivery] = archive.add_forwards([odd])
    stored = reader.delivery(delivery)

    assert stored
    assert (stored.problem, stored.method) == ("half ? and \0", "GE\0T")


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(NAMES | st.text(), JSON, max_size=4))
def test_any_value_in_any_field(
    archive: Archive, reader: Reader, message: dict[str, object]
) -> None:
    """Whatever a field holds, the message is stored, and read back as it was sent."""
    sent = b'{"results":[' + encode(message) + b"]}"
    decoded = pull(archive, sent)
    [row] = reader.rows(decoded.message_ids)
    stored = reader.message(row.id)

    assert stored
    assert parse(stored.body) == parse(encode(message))
    assert row.text == stored.text[:1_000]


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200) | JSON.map(encode))
def test_any_body(archive: Archive, reader: Reader, body: bytes) -> None:
    """Whatever bytes a forward carries, they are stored and decoding them does not fail."""
    [delivery] = archive.add_forwards([arrival(body)])
    archive.decode([delivery])
    done = reader.delivery(delivery)

    assert done
    assert done.state == "decoded"
    assert reader.delivery_body(delivery) == body


def test_full_disk(archive: Archive, reader: Reader) -> None:
    """A full disk is reported as such; stored data stays, and nothing is half-written."""
    pull(archive, BODY)
    before = reader.counts()
    [(pages,)] = archive._db.execute("PRAGMA page_count").fetchall()
    archive._db.execute(f"PRAGMA max_page_count = {pages}").fetchall()

    with pytest.raises(ArchiveUnwritable, match="the disk is full"):
        archive.add_forwards([arrival(BODY), arrival(b"x" * 100_000)])

    assert reader.counts() == before
    archive._db.execute("PRAGMA max_page_count = 1000000").fetchall()
    assert archive.add_forwards([arrival(BODY)]) == [2]


def test_closing_twice(path: Path) -> None:
    """Closing twice is harmless, and leaves no lock behind."""
    archive = Archive(path)
    archive.close()
    archive.close()

    assert list((path.parent / "locks").iterdir()) == []


WRITER = """
with Archive(path) as archive:
    say("open")
    sys.stdin.readline()
    for number in range(30):
        delivery = archive.begin_pull(connection=None, base_url="https://x", limit=None)
        archive.append_answer(delivery, batch({"messageId": str(number)}))
        archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
        archive.decode([delivery])
        archive.decode(archive.add_forwards([arrival(batch({"messageId": str(number)}))]))
say("done")
"""


@pytest.mark.slow
def test_several_writers_and_a_reader(path: Path) -> None:
    """Three processes create one archive together and write to it; a reader sees every message."""
    with process(WRITER, path) as one, process(WRITER, path) as two, process(WRITER, path) as three:
        children = (one, two, three)
        assert [read_words(child) for child in children] == [["open"]] * 3
        with Reader(path) as reader:
            for child in children:
                assert child.stdin
                child.stdin.write("go\n")
                child.stdin.flush()
            seen = 0
            while any(child.poll() is None for child in children):
                found = reader.find(Filter(), after=seen)
                assert len(reader.rows(found)) == len(found)
                seen = max(found, default=seen)
            assert [read_words(child) for child in children] == [["done"]] * 3
            counts = reader.counts()

            assert (counts.messages, counts.pulls, counts.forwards) == (180, 90, 90)
            assert len(reader.find(Filter())) == 180
            assert len(reader.find(Filter(flags=1))) == 150


KILLED = """
with Archive(path) as archive:
    for number in range(10_000):
        delivery = archive.begin_pull(connection=None, base_url="https://x", limit=None)
        say("begun", delivery)
        body = batch({"messageId": f"p{number}"})
        for start in range(0, len(body), 20):
            archive.append_answer(delivery, body[start:start + 20])
            say("chunk", delivery, min(start + 20, len(body)))
        archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
        say("finished", delivery)
        say("decoded", *archive.decode([delivery])[0].message_ids)
        say("forward", *archive.add_forwards([arrival(batch({"messageId": f"f{number}"}))]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("lines", [1, 3, 7, 9, 60])
def test_killed_at_any_instant(path: Path, lines: int) -> None:
    """A killed process loses nothing that a call of the archive has stored."""
    with process(KILLED, path) as child:
        stored = [read_words(child) for _ in range(lines)]
        child.kill()
        assert child.stdout
        # The last line may be cut; then the test cannot know what was stored.
        stored += [line.split() for line in child.stdout if line.endswith("\n")]
    with Archive(path) as archive, Reader(path) as reader:
        archive.recover()

        for step, first, *more in stored:
            if step == "decoded":
                assert reader.message(int(first))
                continue
            delivery = reader.delivery(int(first))
            assert delivery
            assert delivery.state == "decoded"
            if step == "chunk":
                assert delivery.size >= int(more[0])
            if step in {"finished", "forward"}:
                assert delivery.message_count == 1
        assert archive.recover() == archive.recover()


SLICED = """
body = batch(*({"messageId": str(number)} for number in range(10_000)))
with Archive(path) as archive:
    commits = 0
    def stop_at_commit():
        global commits
        commits += 1
        if commits == int(sys.argv[2]):
            say("committing")
            signal.pause()
        return False
    archive._db.set_commit_hook(stop_at_commit)
    delivery = archive.begin_pull(connection=None, base_url="https://x", limit=None)
    archive.append_answer(delivery, body)
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
"""


@pytest.mark.parametrize("commit", [3, 4, 5])
def test_killed_between_slices(path: Path, commit: int) -> None:
    """A process killed while it stores a large answer neither loses nor doubles a message."""
    with process(SLICED.replace("sys.argv[2]", str(commit)), path) as child:
        assert read_words(child) == ["committing"]
        child.kill()
        child.wait()

    with Archive(path) as archive, Reader(path) as reader:
        before = reader.counts().messages
        assert before == {3: 0, 4: 2_000, 5: 7_000}[commit]
        assert archive.recover().messages == 10_000
        stored = [*reader.messages(Filter())]
        assert [(one.position, one.message_id) for one in stored] == [
            (number, str(number)) for number in range(10_000)
        ]
        assert {one.duplicate_of for one in stored} == {None}
        assert reader.verify(lambda _: None).damages == ()


def test_disk_full_between_slices(archive: Archive, reader: Reader) -> None:
    """If only the first messages of an answer can be stored, finishing again adds the others."""
    body = batch(*({"messageId": str(number), "text": "x" * 500} for number in range(9_000)))
    delivery = archive.begin_pull(connection="c", base_url="https://x", limit=None)
    archive.append_answer(delivery, body)
    limit = archive._db.pragma("page_count") + len(body) // 4096
    archive._db.execute(f"PRAGMA max_page_count = {limit}").fetchall()

    with pytest.raises(ArchiveUnwritable):
        archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
    assert 0 < reader.counts().messages < 9_000
    archive._db.execute("PRAGMA max_page_count = 1000000").fetchall()
    decoded = archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")

    assert (len(decoded.message_ids), reader.counts().messages) == (9_000, 9_000)
    assert reader.verify(lambda _: None).damages == ()

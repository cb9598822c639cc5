"""A pull is stored: its intent, its answer, its end."""

import gzip
import hashlib

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import DecodingResult
from tests.unit.archive.deliveries import batch, pull

BODY = batch({"messageId": "1", "text": "one"}, {"messageId": "2", "text": "two"}, pending=7)


def test_pull(archive: Archive, reader: Reader) -> None:
    """A pull is stored as an intent, arrives in pieces, and becomes messages when complete."""
    delivery = archive.begin_pull(connection="c", base_url="https://x.example", limit=50)
    asking = reader.delivery(delivery)
    archive.append_answer(delivery, BODY[:10])
    archive.append_answer(delivery, b"")
    archive.append_answer(delivery, BODY[10:])
    arriving = reader.delivery_body(delivery)
    decoded = archive.finish_pull(
        delivery, status=200, headers=[("X-A", "1"), ("x-a", "2")], complete=True, problem=""
    )
    done = reader.delivery(delivery)

    assert asking
    assert (asking.state, asking.connection, asking.limit_asked) == (
        "asking",
        "c",
        50,
    )
    assert arriving == BODY
    assert done
    assert (done.status, done.complete) == (200, True)
    assert done.headers == (("X-A", "1"), ("x-a", "2"))
    assert done.sha256 == hashlib.sha256(BODY).hexdigest()
    assert done.size == len(BODY)
    assert decoded == DecodingResult(delivery, (1, 2), 2, 7, salvaged=False, problem="")
    assert (done.state, done.message_count, done.announced, done.pending) == ("decoded", 2, 2, 7)
    assert reader.delivery_body(delivery) == BODY


def test_pull_without_an_answer(archive: Archive, reader: Reader) -> None:
    """A pull that was not answered is kept, with the problem that the caller states."""
    delivery = archive.begin_pull(connection=None, base_url="https://x.example", limit=None)
    archive.finish_pull(delivery, status=None, headers=[], complete=False, problem="No answer.")
    archive.decode([delivery])
    kept = reader.delivery(delivery)

    assert kept
    assert (kept.state, kept.status, kept.problem, kept.size) == ("decoded", None, "No answer.", 0)
    assert reader.counts().last_pull_at is None


def test_pull_that_was_never_sent(archive: Archive, reader: Reader) -> None:
    """A pull whose request was never sent is failed: it has no messages to decode."""
    delivery = archive.begin_pull(connection=None, base_url="https://x.example", limit=None)
    archive.fail_pull(delivery, "The name was not found.")
    failed = reader.delivery(delivery)

    assert failed
    assert (failed.state, failed.problem) == ("failed", "The name was not found.")
    assert archive.decode([delivery])[0].message_ids == ()
    assert archive.recover().interrupted == ()


def test_pull_is_finished_once(archive: Archive, reader: Reader) -> None:
    """Bytes that arrive after the end of a pull are kept, and its outcome does not change."""
    decoded = pull(archive, BODY)
    archive.append_answer(decoded.delivery, b"late")

    with pytest.raises(ArchiveError, match="already finished"):
        archive.finish_pull(
            decoded.delivery, status=500, headers=[], complete=False, problem="late"
        )
    with pytest.raises(ArchiveError, match="already finished"):
        archive.fail_pull(decoded.delivery, "late")

    assert reader.delivery_body(decoded.delivery) == BODY + b"late"


@pytest.mark.parametrize("repeated", [True, False])
def test_a_compressed_answer_that_repeats_a_credential(
    archive: Archive, reader: Reader, repeated: bool
) -> None:
    """It is stored decompressed, with the credential masked; other answers stay as received."""
    sent = b'{"results":[{"messageId":"1","text":"planted-key"}],"messageCount":1}'
    key = b"planted-key" if repeated else b"another-key"
    body = gzip.compress(sent, mtime=0)
    delivery = archive.begin_pull(connection=None, base_url="https://x", limit=None)
    archive.append_answer(delivery, body)

    archive.finish_pull(
        delivery,
        status=200,
        headers=[("Content-Encoding", "gzip")],
        complete=True,
        problem="",
        mask=lambda data: data.replace(key, b"*" * len(key)),
    )
    [decoded] = archive.decode([delivery])

    kept = reader.delivery_body(delivery)
    stored = reader.delivery(delivery)
    assert stored is not None
    assert len(decoded.message_ids) == 1
    if repeated:
        assert kept == sent.replace(b"planted-key", b"***********")
        assert stored.sha256 == hashlib.sha256(kept).hexdigest()
        assert "kept decompressed" in stored.problem
    else:
        assert (kept, stored.problem) == (body, "")

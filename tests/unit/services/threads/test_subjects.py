"""The subject of a thread is read from one of its messages."""

from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.services.threads.subjects import (
    NothingToFollow,
    RelatedIds,
    ThreadKind,
    related_ids,
    searches_of,
    subject_of,
    why_not_followed,
)
from tests.unit.archive.deliveries import forward


def test_a_message_is_followed_by_the_fields_that_it_has(tmp_path: Path) -> None:
    """A missing field is a reason; a pair has every id that is named, each once."""
    whole = {
        "messageId": "m",
        "from": "device",
        "subscriberId": 123,
        "pairedMessageId": "p",
        "initialMessageId": "m",
    }
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        forward(archive, whole, {"text": "no field"})
        first, bare = reader.message(1), reader.message(2)
    assert first is not None
    assert bare is not None

    subjects = [subject_of(first, kind) for kind in ThreadKind]

    assert [(one.value, one.ids, one.sender) for one in subjects] == [
        ("device", (), ""),
        ("123", (), "device"),
        ("m", ("m", "p"), "device"),
    ]
    assert [one.title for one in subjects] == [
        "Installation device",
        "Subscriber 123",
        "Pair of message m",
    ]
    assert [len(searches_of(one)) for one in subjects] == [1, 2, 3]
    assert not any(why_not_followed(first, kind) for kind in ThreadKind)
    for kind, field in zip(ThreadKind, ("from", "subscriberId", "id"), strict=True):
        assert field in why_not_followed(bare, kind)
        with pytest.raises(NothingToFollow, match=field):
            subject_of(bare, kind)
    assert related_ids(b"{cut") == RelatedIds()

"""Values that are stored in archives of users never change."""

from enum import StrEnum

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import fetch
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import DeliveryState, Flags, RetentionPolicy, Via
from tests.unit.archive.deliveries import BODY, arrival, pull


def test_numbers_of_flags() -> None:
    """The numbers of the flags are stored in archives."""
    assert {flag.name: flag.value for flag in Flags} == {
        "DUPLICATE": 1,
        "SALVAGED": 2,
        "ODD": 4,
        "NOT_A_MESSAGE": 8,
    }


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Via, ["pull", "forward"]),
        (DeliveryState, ["asking", "received", "decoded", "failed"]),
    ],
)
def test_stored_words(kind: type[StrEnum], values: list[str]) -> None:
    """The words for ways and states are stored in archives."""
    assert [member.value for member in kind] == values


def test_words_are_stored_as_plain_text(archive: Archive, reader: Reader) -> None:
    """Enum members are stored as texts that any SQLite program reads, and come back as members."""
    pull(archive, BODY)
    archive.add_forwards([arrival(BODY)])

    assert fetch(
        archive._db, "SELECT via, typeof(via), state, typeof(state) FROM delivery ORDER BY id"
    ) == [("pull", "text", "decoded", "text"), ("forward", "text", "received", "text")]
    assert [(each.via, each.state) for each in reader.deliveries([1, 2])] == [
        (Via.PULL, DeliveryState.DECODED),
        (Via.FORWARD, DeliveryState.RECEIVED),
    ]


def test_policy_without_limits() -> None:
    """A policy keeps everything unless it has at least one limit."""
    assert RetentionPolicy().keeps_everything
    assert not RetentionPolicy(size=0).keeps_everything

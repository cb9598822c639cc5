"""Bytes of a team's archive are those that were shipped."""

import gzip

import pytest

from ibconsole.team_archive import TeamReader
from tests.unit.team_archive.team_rows import ShippedMessage, TeamRows


def test_parts_at_both_ends_of_a_body(anna: TeamRows, reader: TeamReader) -> None:
    """Messages of one body are cut out of it, also where they are far apart."""
    near, far = ShippedMessage(message_id="near"), ShippedMessage(text="y" * 2_000_000)
    ids = anna.messages_of(anna.ship(1_000, near, far, ShippedMessage(message_id="last")))

    found = reader.elements([ids[0], ids[2]])

    assert found[ids[0]] == near.element
    assert found[ids[2]] == ShippedMessage(message_id="last").element


def test_the_rest_of_a_cut_body(anna: TeamRows, reader: TeamReader) -> None:
    """The bytes after the last whole message of a compressed body are shown."""
    message = ShippedMessage()
    body = gzip.compress(b"[" + message.element + b', {"half')
    headers = '[["content-encoding","gzip"]]'
    cut = anna.ship(1_000, message, body=body, headers=headers, salvaged=True)
    whole = anna.ship(1_000, message)

    assert reader.trailing_bytes(cut) == b'{"half'
    assert reader.trailing_bytes(whole) == b""


def test_unknown_deliveries(reader: TeamReader) -> None:
    """There are no bytes of a delivery that does not exist."""
    with pytest.raises(LookupError):
        reader.slice(7, 0, 10)

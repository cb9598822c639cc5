"""The ledgers and claims of others decide what is left to be given back."""

from hashlib import sha256
from uuid import uuid4

import pytest

from ibconsole.team_archive.redelivery.claims import ClaimedMessage
from ibconsole.team_archive.redelivery.standings import MessageElsewhere, StandingElsewhere
from tests.unit.team_archive.redelivery.computers import CODE, Computer, messages

ACKNOWLEDGED = StandingElsewhere.ACKNOWLEDGED
DIGEST = sha256(b"{}").digest()


@pytest.mark.parametrize(
    ("state", "entries", "standing"),
    [
        ("acknowledged", {}, "acknowledged"),
        ("unknown", {}, "unknown"),
        ("sending", {}, "unknown"),
        ("waiting", {}, "under way"),
        ("skipped", {"decision": {"decision": "accept"}}, "accepted"),
        ("skipped", {"decision": {"decision": "skip"}}, None),
        ("skipped", {}, None),
        ("undelivered", {}, None),
        ("acknowledged", {"attempt": {"form": "edited"}}, None),
        ("acknowledged", {"attempt": "{", "decision": "[1]"}, "acknowledged"),
    ],
)
def test_each_state_has_its_standing(
    anna: Computer, ben: Computer, state: str, entries: dict[str, object], standing: str | None
) -> None:
    """As the ledger of this disk counts them; damaged entries say nothing."""
    anna.give("m1", state, entries=entries)

    found = ben.others.find(messages(1, 2))

    assert found == (
        {1: MessageElsewhere(StandingElsewhere(standing), "anna@pc-3", 1_000)} if standing else {}
    )


def test_only_others_count_at_the_same_url_in_the_same_application(
    anna: Computer, ben: Computer
) -> None:
    """What this computer gave is in its own ledger."""
    anna.give("m1", "acknowledged")
    ben.give("m2", "acknowledged", url="https://other.example/")
    ben.give("m3", "acknowledged", code="app-2")

    assert anna.others.find(messages(1, 2, 3)) == {}


def test_the_most_final_standing_counts(anna: Computer, ben: Computer) -> None:
    """A claim counts as long as the ledger has nothing."""
    anna.claims.claim("https://customer.example/in", messages(1, 2, 3), uuid4())
    anna.give("m1", "waiting")
    anna.give("m1", "acknowledged")
    anna.give("m1", "unknown")
    anna.give("m2", "undelivered")

    found = ben.others.find(messages(1, 2, 3))

    assert {number: one.standing for number, one in found.items()} == {
        1: ACKNOWLEDGED,
        2: StandingElsewhere.CLAIMED,
        3: StandingElsewhere.CLAIMED,
    }
    assert abs(found[3].since - ben.others.server_time()) < 60_000


def test_messages_without_an_id_are_compared_by_their_hash(anna: Computer, ben: Computer) -> None:
    """The first entry of an item has the hash of its message's JSON."""
    anna.give("", "acknowledged", entries={"anchor": {"message_sha256": DIGEST.hex()}})
    anna.give("", "acknowledged", entries={"anchor": {"message_sha256": "short"}})
    anna.give("", "undelivered", entries={"anchor": {"message_sha256": DIGEST.hex()}})
    unnamed = [ClaimedMessage(5, "", CODE, DIGEST), ClaimedMessage(6, "", CODE, b"0" * 32)]

    for _ in range(2):  # the hashes are read once
        assert ben.others.find(unnamed) == {5: MessageElsewhere(ACKNOWLEDGED, "anna@pc-3", 1_000)}


def test_an_id_with_a_character_that_postgresql_lacks_is_found(
    anna: Computer, ben: Computer
) -> None:
    """It is stored with a replacement."""
    anna.give("m\N{REPLACEMENT CHARACTER}", "acknowledged")

    assert [*ben.others.find([ClaimedMessage(1, "m\0", CODE)])] == [1]

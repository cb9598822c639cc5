import json
import re
from datetime import UTC, datetime
from pathlib import Path

from ibconsole.simulator.messages import REPEAT, Writer, spread, timestamp

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_900, UTC)
SAMPLE = Path(__file__).parents[2] / "samples" / "message_envelope.json"
REQUIRED = {"applicationCode", "cleanText", "from", "messageId", "receivedAt", "text", "to"}


def test_messages_have_documented_fields_and_believable_oddities() -> None:
    """Names from the contract; nulls, missing fields, nested payloads, several languages."""
    [documented] = json.loads(SAMPLE.read_bytes())["results"]
    writer = Writer(1)
    made = [writer.write("code", NOW) for _ in range(400)]

    assert all(set(one) >= REQUIRED for one in made)
    known = set(documented) | {"bulkId", "initialMessageId"}
    assert all(set(one) <= known for one in made)
    assert any(one.get("keyword", "") is None for one in made)
    assert any(isinstance(one.get("customPayload"), dict) for one in made)
    assert any(not one["text"].isascii() for one in made)
    assert any("\n" in one["text"] for one in made)


def test_now_and_then_a_message_comes_again() -> None:
    """The same messageId twice, as retries on the platform's side do."""
    writer = Writer(1)
    made = [writer.write("code", NOW)["messageId"] for _ in range(REPEAT)]

    assert made[-1] == made[-2]
    assert len(set(made)) == REPEAT - 1


def test_the_same_seed_writes_the_same() -> None:
    """A failing test can be run again with the same messages."""
    first, again = Writer(3), Writer(3)

    assert [first.write("c", NOW) for _ in range(20)] == [again.write("c", NOW) for _ in range(20)]


def test_times_are_in_the_platforms_spelling() -> None:
    """Milliseconds, and an offset without a colon."""
    assert timestamp(NOW) == "2026-01-02T03:04:05.678+0000"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", timestamp(NOW))


def test_waiting_messages_came_over_the_last_hours() -> None:
    """Oldest first, none from the future."""
    moments = spread(10, NOW)

    assert moments == sorted(moments)
    assert moments[-1] < NOW
    assert spread(0, NOW) == []

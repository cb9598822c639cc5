import json
import re
from datetime import UTC, datetime
from pathlib import Path

from ibconsole.simulator.messages import (
    REPEAT_INTERVAL,
    MessageGenerator,
    format_timestamp,
    spread_times,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_900, UTC)
SAMPLE = Path(__file__).parents[2] / "samples" / "message_envelope.json"
REQUIRED = {"applicationCode", "cleanText", "from", "messageId", "receivedAt", "text", "to"}


def test_messages_have_documented_fields_and_difficult_values() -> None:
    """Fields are those of the contract; some are null, missing, nested or not ASCII."""
    [documented] = json.loads(SAMPLE.read_bytes())["results"]
    generator = MessageGenerator(1)
    made = [generator.generate("code", NOW) for _ in range(400)]

    assert all(set(one) >= REQUIRED for one in made)
    known = set(documented) | {"bulkId", "initialMessageId"}
    assert all(set(one) <= known for one in made)
    assert any(one.get("keyword", "") is None for one in made)
    assert any(isinstance(one.get("customPayload"), dict) for one in made)
    assert any(not one["text"].isascii() for one in made)
    assert any("\n" in one["text"] for one in made)


def test_some_messages_are_repeated() -> None:
    """A repeated message has the same messageId, as retries of the platform do."""
    generator = MessageGenerator(1)
    made = [generator.generate("code", NOW)["messageId"] for _ in range(REPEAT_INTERVAL)]

    assert made[-1] == made[-2]
    assert len(set(made)) == REPEAT_INTERVAL - 1


def test_a_seed_determines_the_messages() -> None:
    """The same seed generates the same messages, so that a failing test can be repeated."""
    first, again = MessageGenerator(3), MessageGenerator(3)

    assert [first.generate("c", NOW) for _ in range(20)] == [
        again.generate("c", NOW) for _ in range(20)
    ]


def test_times_have_the_platforms_format() -> None:
    """Times have milliseconds and an offset without a colon."""
    assert format_timestamp(NOW) == "2026-01-02T03:04:05.678+0000"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", format_timestamp(NOW))


def test_waiting_messages_are_spread_over_the_last_hours() -> None:
    """Initial messages are ordered by time, and none is from the future."""
    moments = spread_times(10, NOW)

    assert moments == sorted(moments)
    assert moments[-1] < NOW
    assert spread_times(0, NOW) == []

"""The habits of an application's arrivals, and drift from the contract."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.archive import Flags, RecentMessage
from ibconsole.services.diagnosis.arrivals import SAMPLE, find_drift, summarize

GOOD = {
    "messageId": "1",
    "from": "f",
    "to": "t",
    "applicationCode": "a",
    "receivedAt": "2017-01-05T12:47:56.221+0000",
    "text": "x",
}


def message(number: int, arrived_at: int, lag: int | None = 1_000, **fields: Any) -> RecentMessage:
    known: Mapping[str, Any] = {
        "id": number,
        "via": "forward",
        "connection": "c",
        "received_at": None if lag is None else arrived_at - lag,
        "arrived_at": arrived_at,
        "flags": 0,
        "duplicate_of": None,
    }
    return RecentMessage(**{**known, **fields})


def no_json(_: Sequence[int]) -> Mapping[int, bytes]:
    return {}


def one_json(data: bytes) -> Callable[[Sequence[int]], Mapping[int, bytes]]:
    return lambda ids: dict.fromkeys(ids, data)


def test_habits() -> None:
    """Counts, gaps and times are those of the latest messages."""
    messages = [
        message(4, 90_000, via="pull", duplicate_of=3, flags=int(Flags.DUPLICATE)),
        message(3, 80_000, lag=-120_000),
        message(2, 20_000, connection=None),
        message(1, 10_000),
    ]
    found = summarize(messages, no_json)

    assert found
    assert (found.count, found.is_all, found.first_at, found.last_at) == (4, True, 10_000, 90_000)
    assert (found.last_pulled_at, found.last_forwarded_at) == (90_000, 80_000)
    assert (found.longest_gap, found.usual_gap) == (60.0, 10.0)
    assert (found.duplicates, found.doubled, found.ahead) == (1, 1, 1)
    assert (found.lag, found.connections) == (None, {"c": 3, "": 1})


def test_lag() -> None:
    """The latest forwards are compared with those before, by their medians."""
    late = [message(n, 10**9 + n, lag=600_000) for n in range(20)]
    early = [message(n, 10**8 + n, lag=2_000) for n in range(20)]
    found = summarize([*late, *early], no_json)

    assert found
    assert (found.lag, found.earlier_lag) == (600.0, 2.0)


def test_a_sample() -> None:
    """No more than the sample is looked at."""
    found = summarize([message(n, n) for n in range(SAMPLE + 5)], no_json)

    assert found
    assert (found.count, found.is_all) == (SAMPLE, False)
    assert summarize([], no_json) is None


@pytest.mark.parametrize(
    ("change", "unknown", "missing", "retyped"),
    [
        ({"mood": 1}, {"mood": 1}, {}, {}),
        ({"text": ...}, {}, {"text": 1}, {}),
        ({"messageId": 1561984815238926404}, {}, {}, {"messageId": 1}),
        ({"receivedAt": "yesterday"}, {}, {}, {"receivedAt": 1}),
        ({"customPayload": "text"}, {}, {}, {"customPayload": 1}),
    ],
)
def test_drift(
    change: dict[str, Any],
    unknown: dict[str, int],
    missing: dict[str, int],
    retyped: dict[str, int],
) -> None:
    """Unknown, missing and retyped fields are counted by name."""
    sent = {name: value for name, value in {**GOOD, **change}.items() if value is not ...}
    found = find_drift([message(1, 5)], one_json(json.dumps(sent).encode()))

    assert found
    assert (found.unknown, found.missing, found.retyped) == (unknown, missing, retyped)
    assert (found.examined, found.example_at) == (1, 5)


def test_no_drift() -> None:
    """A message as documented, with or without optional fields, is no drift."""
    for sent in (GOOD, {**GOOD, "keyword": None, "customPayload": {"a": [1]}, "bulkId": "b"}):
        data = json.dumps(sent).encode()
        assert find_drift([message(1, 5)], one_json(data)) is None


def test_marks_of_the_archive() -> None:
    """What is no message, and what was recovered from a damaged body, is counted."""
    flags = int(Flags.NOT_A_MESSAGE | Flags.SALVAGED)
    found = find_drift([message(1, 5, flags=flags), message(2, 4)], no_json)

    assert found
    assert (found.not_messages, found.salvaged, found.example_at) == (1, 1, 5)


@settings(max_examples=25)
@given(
    st.binary()
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
        lambda value: json.dumps({"text": value}).encode()
    )
)
def test_any_bytes(data: bytes) -> None:
    """No stored message makes the comparison fail."""
    find_drift([message(1, 5)], one_json(data))

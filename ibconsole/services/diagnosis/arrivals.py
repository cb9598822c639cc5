"""The habits of an application's arrivals, and drift from the contract, by its latest messages."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median

from ibconsole.archive import Flags, RecentMessage, Via
from ibconsole.model import Undecodable, parse, read_message
from ibconsole.services.diagnosis.rules import ArrivalFacts, DriftFacts

SAMPLE = 200  # messages of an application
EXAMINED = 20  # of these whose JSON is read
_LATEST = 20  # forwards whose lag is compared with that of those before
_TOLERANCE = 60_000  # ms by which two clocks may differ
_DOCUMENTED = {
    "messageId",
    "pairedMessageId",
    "from",
    "subscriberId",
    "to",
    "applicationCode",
    "receivedAt",
    "callbackData",
    "text",
    "cleanText",
    "keyword",
    "customPayload",
    "bulkId",
    "initialMessageId",
}
# Fields that every known message has; the others come and go.
_ALWAYS = ("messageId", "from", "to", "applicationCode", "receivedAt", "text")


def summarize(
    messages: Sequence[RecentMessage], read_json: Callable[[Sequence[int]], Mapping[int, bytes]]
) -> ArrivalFacts | None:
    """Summarize the latest messages of one application, the newest first; None if there are none.

    At most SAMPLE of them are looked at. `read_json` returns the JSON of messages by their ids.
    Repetitions that an answer rule provoked say nothing of the sender: they are neither duplicates
    nor late.
    """
    if not messages:
        return None
    messages = messages[:SAMPLE]
    times = sorted(one.arrived_at for one in messages)
    gaps = [(later - earlier) / 1000 for earlier, later in pairwise(times)]
    lags = [
        (one.arrived_at - one.received_at) / 1000
        for one in messages
        if one.via == Via.FORWARD and one.received_at is not None and not one.provoked
    ]
    enough = len(lags) >= 2 * _LATEST
    return ArrivalFacts(
        count=len(messages),
        is_all=len(messages) < SAMPLE,
        first_at=times[0],
        last_at=times[-1],
        last_pulled_at=_last(messages, Via.PULL),
        last_forwarded_at=_last(messages, Via.FORWARD),
        longest_gap=max(gaps, default=0.0),
        usual_gap=median(gaps) if gaps else 0.0,
        duplicates=sum(bool(one.flags & Flags.DUPLICATE) and not one.provoked for one in messages),
        doubled=_doubled(messages),
        lag=median(lags[:_LATEST]) if enough else None,
        earlier_lag=median(lags[_LATEST:]) if enough else None,
        ahead=sum((one.received_at or 0) > one.arrived_at + _TOLERANCE for one in messages),
        connections=Counter(one.connection or "" for one in messages),
        drift=find_drift(messages, read_json),
    )


def find_drift(
    messages: Sequence[RecentMessage], read_json: Callable[[Sequence[int]], Mapping[int, bytes]]
) -> DriftFacts | None:
    """Compare the JSON of the latest messages with the documented contract; None if it agrees."""
    unknown, missing, retyped = Counter[str](), Counter[str](), Counter[str]()
    example_at, examined = None, 0
    bodies = read_json([one.id for one in messages[:EXAMINED]])
    for one in messages[:EXAMINED]:
        differences = _differences(bodies.get(one.id, b""))
        if differences is None:
            continue
        examined += 1
        for counter, names in zip((unknown, missing, retyped), differences, strict=True):
            counter.update(names)
        if any(differences):
            example_at = max(example_at or 0, one.arrived_at)
    marked = [one for one in messages if one.flags & (Flags.NOT_A_MESSAGE | Flags.SALVAGED)]
    if not (unknown or missing or retyped or marked):
        return None
    return DriftFacts(
        examined=examined,
        unknown=dict(unknown),
        missing=dict(missing),
        retyped=dict(retyped),
        not_messages=sum(bool(one.flags & Flags.NOT_A_MESSAGE) for one in marked),
        salvaged=sum(bool(one.flags & Flags.SALVAGED) for one in marked),
        example_at=max([example_at or 0, *(one.arrived_at for one in marked)]) or None,
    )


def _differences(data: bytes) -> tuple[Iterable[str], Iterable[str], Iterable[str]] | None:
    """Return the unknown, the missing and the retyped fields of one message; None if unreadable."""
    try:
        raw = parse(data)
    except Undecodable:
        return None
    if not isinstance(raw, dict) or not _DOCUMENTED & raw.keys():
        return None
    # An oddity begins with the name of its field.
    odd = {note.partition(" ")[0] for note in read_message(raw).oddities}
    return raw.keys() - _DOCUMENTED, set(_ALWAYS) - raw.keys(), odd & _DOCUMENTED


def _last(messages: Sequence[RecentMessage], via: Via) -> int | None:
    return max((one.arrived_at for one in messages if one.via == via), default=None)


def _doubled(messages: Sequence[RecentMessage]) -> int:
    """Count the messages that arrived by one way after arriving by the other."""
    ways = {one.id: one.via for one in messages}
    return sum(one.duplicate_of in ways and ways[one.duplicate_of] != one.via for one in messages)

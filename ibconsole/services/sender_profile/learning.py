"""Learning what the platform's requests look like, from the forwards of the archive.

Blocks, so it is run on a thread; what it reads is bounded. Tests that this program sent are not
taken for the platform, and neither are requests of tools that people use by hand.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ibconsole.archive import (
    Delivery,
    Reader,
    SentPayload,
    forwarded_messages,
    recent_forwards,
    sent_payloads,
)
from ibconsole.files import is_missing
from ibconsole.services.allow_list import is_published
from ibconsole.services.forward_test import PLATFORM, BodyFraming
from ibconsole.services.sender_profile.observed import (
    ObservedRequest,
    RequestLook,
    read_request_head,
)
from ibconsole.services.sender_profile.profile import HeaderFact, SenderProfile, SourceFact
from ibconsole.services.sender_profile.retries import find_repetitions
from ibconsole.services.sender_profile.tunnels import name_tunnel, source_of

EXAMINED = 500  # requests
_BEGINNING = 64 * 1024  # bytes of a request
_TESTS = 500
_TEST_MS = 20_000  # after which a test's request has arrived, or does not
_ENOUGH = 3  # requests without a tunnel, which are preferred to more through one
_MOST_SOURCES = 20
_TOOLS = ("curl/", "wget/", "postmanruntime/", "httpie/", "insomnia/", "ibconsole/")
_VARIABLE = frozenset({"host", "content-length"})


class _Forward(msgspec.Struct, frozen=True):
    """A delivery with its request."""

    delivery: Delivery
    request: ObservedRequest

    @property
    def source(self) -> str:
        """The address of the sender, as the tunnel says it if there is one; "" if not known."""
        if self.request.look.tunnelled:
            return source_of((one.name, one.value) for one in self.request.added)
        return self.delivery.peer

    @property
    def is_from_tool(self) -> bool:
        """True for a request that a person or this program sent, by its look."""
        if is_published(self.source):
            return False
        fixed = [
            (one.name, one.value)
            for one in self.request.headers
            if one.name.lower() not in _VARIABLE
        ]
        assumed = [one for one in PLATFORM.headers if one[0].lower() not in _VARIABLE]
        return fixed == assumed or self.request.value("user-agent").lower().startswith(_TOOLS)


def learn_sender(archive: Path, examined: int = EXAMINED) -> SenderProfile | None:
    """Return what the latest forwards of this archive say about their sender, None if nothing.

    Raises ArchiveError. A missing archive is not created.
    """
    if is_missing(archive):
        return None
    with Reader(archive) as reader:
        deliveries = reader.deliveries(reader.ask(recent_forwards, examined))
        tests = reader.ask(sent_payloads, _TESTS)
        genuine = [
            forward
            for delivery in deliveries
            if (forward := _read(reader, delivery))
            and not forward.is_from_tool
            and not _is_test(forward, tests)
        ]
        if not genuine:
            return None
        repetitions = find_repetitions(
            reader.ask(forwarded_messages, [one.delivery.id for one in genuine])
        )
    chosen = _choose(genuine)
    return msgspec.structs.replace(
        _profile_of(chosen),
        repetitions=repetitions,
        examined=len(deliveries),
        others=len(genuine) - len(chosen),
        passed_over=len(deliveries) - len(genuine),
    )


def _read(reader: Reader, delivery: Delivery) -> _Forward | None:
    try:
        raw = reader.slice(delivery.id, 0, _BEGINNING, raw=True).data
    except LookupError:  # it was deleted meanwhile
        return None
    request = read_request_head(raw)
    return _Forward(delivery, request) if request else None


def _is_test(forward: _Forward, tests: Sequence[SentPayload]) -> bool:
    """Return whether a test of this program was sent at that time, with a body of that size."""
    encoded = bool(forward.request.value("content-encoding"))
    return any(
        -1000 <= forward.delivery.began_at - test.at <= _TEST_MS
        and (encoded or test.size == forward.delivery.size)
        for test in tests
    )


def _choose(forwards: Sequence[_Forward]) -> Sequence[_Forward]:
    """Return the requests of one look: from published networks first, then the most frequent."""
    groups: dict[RequestLook, list[_Forward]] = defaultdict(list)
    for forward in forwards:
        groups[forward.request.look].append(forward)

    def rank(group: Sequence[_Forward]) -> tuple[bool, bool, int, int]:
        published = any(is_published(one.source) for one in group)
        direct = not group[0].request.look.tunnelled and len(group) >= _ENOUGH
        return published, direct, len(group), group[0].delivery.id

    return max(groups.values(), key=rank)


def _profile_of(forwards: Sequence[_Forward]) -> SenderProfile:
    """Return the profile of requests with one look, the newest first."""
    newest = forwards[0].request
    added = [one.name for forward in forwards for one in forward.request.added]
    times = [one.delivery.began_at for one in forwards]
    chunks = [one.request.chunks for one in forwards if one.request.chunks]
    several = [int(one[0], 16) for one in chunks if len(one) > 1]
    spelled = [size for one in chunks for size in one]
    return SenderProfile(
        n=len(forwards),
        first_at=min(times),
        last_at=max(times),
        headers=tuple(_header(forwards, place) for place in range(len(newest.headers))),
        method=newest.look.method,
        version=newest.look.version,
        is_absolute=newest.look.is_absolute,
        framing=BodyFraming.CHUNKED if newest.is_chunked else BodyFraming.LENGTH,
        chunk_size=several[0] if several else 0,
        chunk_digits=max((len(size) for size in spelled if size[0] == "0"), default=1),
        chunk_upper=any(size != size.lower() for size in spelled),
        batches=tuple(sorted(Counter(one.delivery.message_count for one in forwards).items())),
        sources=_sources(forwards),
        tunnel=name_tunnel(added),
        added=tuple(dict.fromkeys(added)),
    )


def _header(forwards: Sequence[_Forward], place: int) -> HeaderFact:
    newest = forwards[0].request.headers[place]
    same = [one for one in forwards if one.request.headers[place].value == newest.value]
    return HeaderFact(
        name=newest.name,
        value=newest.value,
        separator=newest.separator,
        is_constant=len(same) == len(forwards),
        n=len(same),
        last_at=max(one.delivery.began_at for one in same),
    )


def _sources(forwards: Sequence[_Forward]) -> tuple[SourceFact, ...]:
    by_address: dict[str, list[_Forward]] = defaultdict(list)
    for forward in forwards:
        by_address[forward.source].append(forward)
    found = [
        SourceFact(
            address=address,
            n=len(group),
            last_at=max(one.delivery.began_at for one in group),
            published=is_published(address),
            by_tunnel=group[0].request.look.tunnelled,
        )
        for address, group in by_address.items()
    ]
    return tuple(sorted(found, key=lambda one: -one.n)[:_MOST_SOURCES])

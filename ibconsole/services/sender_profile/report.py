"""The profile as lines, as a table and as JSON. Values that may be credentials are masked."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ibconsole.errors import UserError
from ibconsole.files import save
from ibconsole.hosts import is_loopback
from ibconsole.plural import counted
from ibconsole.services.forward_test import BodyFraming
from ibconsole.services.sender_profile.profile import SenderProfile, SourceFact
from ibconsole.services.sender_profile.unknowns import PlatformUnknown

_NOT_KNOWN = "not known: the listener has no TLS of its own"
_FORMAT = "ibconsole sender profile"
NOTHING = (
    "No forward of the platform is in this archive yet, so its sender is not known: tests use an"
    " assumption, labelled as such."
)


HOW_TO_LEARN = (
    "Start the listener, enter its address as the forward URL of an action, and send a message"
    " from an app: each forward that arrives says more about its sender."
)


class SenderFact(NamedTuple):
    """One fact: its value, how many observations it rests on, and the time of the last one.

    `tunnel` is the name of the tunnel behind which it was observed, "" for none.
    """

    name: str
    value: str
    n: int
    last_at: int | None
    tunnel: str = ""


def list_facts(profile: SenderProfile) -> Sequence[SenderFact]:
    """Return all facts in the order in which they are shown."""
    facts = [*_request_facts(profile), *_traffic_facts(profile)]
    return [one._replace(tunnel=profile.tunnel) if one.n else one for one in facts]


def describe_profile(profile: SenderProfile) -> Sequence[str]:
    """Return sentences that say what the facts rest on, and what limits them."""
    sentences = [
        f"Learned from {profile.n} of {counted(profile.examined, 'forward')}, the newest of this"
        " archive."
    ]
    if profile.others:
        sentences.append(f"{counted(profile.others, 'request')} looked different.")
    if profile.passed_over:
        sentences.append(
            f"{counted(profile.passed_over, 'request')} did not count: tests, requests of tools"
            " such as curl, and irregular ones."
        )
    if profile.is_local:
        sentences.append(
            "All came from this computer: if they came through no tunnel, they are not the"
            " platform's."
        )
    if profile.tunnel:
        sentences.append(
            f"All came through {profile.tunnel}: order and case of headers, framing and version may"
            " be the tunnel's. Headers that it adds are left out of tests."
        )
    if any(one.is_secret and one.value for one in profile.headers):
        sentences.append(
            "Values that may be credentials are masked, also in tests: they may go to another host."
        )
    if any(not one.is_constant for one in profile.headers):
        sentences.append("Of a header that varies, tests send the newest value.")
    return sentences


def profile_object(
    profile: SenderProfile, unknowns: Sequence[PlatformUnknown] = ()
) -> dict[str, Any]:
    """Return the profile as JSON objects; times are in milliseconds since the epoch."""
    repetitions = profile.repetitions
    return {
        "format": _FORMAT,
        "version": 1,
        "label": profile.label,
        "observed": profile.n,
        "examined": profile.examined,
        "others": profile.others,
        "passedOver": profile.passed_over,
        "firstAt": profile.first_at,
        "lastAt": profile.last_at,
        "tunnel": profile.tunnel or None,
        "tunnelHeaders": list(profile.added),
        "request": {
            "method": profile.method,
            "httpVersion": profile.version,
            "absoluteTarget": profile.is_absolute,
            "framing": profile.framing,
            "chunkSize": profile.chunk_size or None,
            "headers": [
                {
                    "name": one.name,
                    "value": one.shown,
                    "masked": one.shown != one.value,
                    "separator": one.separator,
                    "constant": one.is_constant,
                    "observed": one.n,
                    "lastAt": one.last_at,
                }
                for one in profile.headers
            ],
        },
        "tls": None,
        "batches": [{"messages": size, "observed": count} for size, count in profile.batches],
        "sources": [
            {
                "address": one.address or None,
                "published": one.published,
                "byTunnel": one.by_tunnel,
                "observed": one.n,
                "lastAt": one.last_at,
            }
            for one in profile.sources
        ],
        "repetitions": {
            "messages": repetitions.messages,
            "intervals": repetitions.gaps,
            "seconds": list(repetitions.seconds),
            "laws": list(repetitions.laws),
            "lastAt": repetitions.last_at,
        },
        "unknowns": [
            {
                "question": one.question,
                "observation": one.observation or None,
                "hint": one.hint,
                "observed": one.n,
                "lastAt": one.last_at,
            }
            for one in unknowns
        ],
    }


def save_profile(
    target: Path,
    profile: SenderProfile,
    unknowns: Sequence[PlatformUnknown],
    on_wait: Callable[[], object] = lambda: None,
) -> None:
    """Write the profile as JSON, over a regular file of that name. Raises a UserError. Blocks.

    `on_wait` is called if it is a pipe that nothing reads.
    """
    try:
        save(target, profile_json(profile, unknowns), on_wait)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"{target} could not be written: {reason}. The archive is unharmed."
        ) from error


def profile_json(profile: SenderProfile, unknowns: Sequence[PlatformUnknown]) -> bytes:
    """Return the profile as the text of a file."""
    document = profile_object(profile, unknowns)
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _request_facts(profile: SenderProfile) -> Iterator[SenderFact]:
    target = "http://HOST/PATH" if profile.is_absolute else "/PATH"
    n, last = profile.n, profile.last_at
    yield SenderFact("Request line", f"{profile.method} {target} {profile.version}", n, last)
    for one in profile.headers:
        value = one.shown if one.is_constant else f"{one.shown} (varies)"
        if one.name.lower() in {"host", "content-length"}:
            value = "(of the request)"
        yield SenderFact(f"{one.name}:", value, one.n if one.is_constant else n, last)
    yield SenderFact("Framing", _framing(profile), n, last)
    expects = profile.value("expect")
    yield SenderFact("Waits before the body", f"yes: {expects}" if expects else "no", n, last)
    yield SenderFact("Keeps the connection", _keep_alive(profile), n, last)
    yield SenderFact("TLS", _NOT_KNOWN, 0, None)


def _traffic_facts(profile: SenderProfile) -> Iterator[SenderFact]:
    batches = ", ".join(f"{size} ({count} times)" for size, count in profile.batches[:10])
    yield SenderFact("Messages in one request", batches, profile.n, profile.last_at)
    for one in profile.sources:
        yield SenderFact("Source", _source(one), one.n, one.last_at)
    repetitions = profile.repetitions
    yield SenderFact("Repetitions", repetitions.sentence, repetitions.gaps, repetitions.last_at)
    if profile.added:
        yield SenderFact("Tunnel", ", ".join(profile.added), profile.n, profile.last_at)


def _framing(profile: SenderProfile) -> str:
    if profile.framing is BodyFraming.LENGTH:
        return "Content-Length"
    size = f"of {profile.chunk_size} bytes" if profile.chunk_size else "one for the whole body"
    return f"chunks, {size}"


def _keep_alive(profile: SenderProfile) -> str:
    value = profile.value("connection")
    if value:
        return f"asks for {value}"
    return "by default" if profile.version == "HTTP/1.1" else "no, by default"


def _source(source: SourceFact) -> str:
    if not source.address:
        return "hidden by the tunnel"
    way = ", as the tunnel says" if source.by_tunnel else ""
    if is_loopback(source.address):
        return f"{source.address}{way}, this computer"
    if source.published is None:
        return f"{source.address}{way}"
    network = "in a published network" if source.published else "in no published network: unusual"
    return f"{source.address}{way}, {network}"

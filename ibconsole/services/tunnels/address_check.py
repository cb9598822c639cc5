"""The check of a public address: does a request that is sent to it arrive at our listener?

It is sent from this computer, so a success proves that the public name leads here, and not that
the platform's networks are let through.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

import msgspec

from ibconsole.archive import Reader, Via
from ibconsole.clock import now_ms
from ibconsole.errors import Severity
from ibconsole.hosts import host_of, is_certainly_loopback
from ibconsole.services.forward_test import (
    Delivered,
    ForwardTest,
    UrlContext,
    UrlFault,
    UrlRemark,
    by_rule,
    cut_url,
    url_remarks,
)

_MOST = 500  # requests that are searched for ours, the newest of those that have arrived meanwhile
# Remarks on permanent actions: an address that is used for minutes may be that of a tunnel.
_PERMANENT = {UrlFault.TUNNEL, UrlFault.PORT, UrlFault.ADDRESS, UrlFault.NO_PATH}

Post = Callable[[str, bytes], Awaitable[ForwardTest]]


class CheckOutcome(StrEnum):
    """The outcome of the check of an address."""

    ARRIVED = "arrived"
    NOT_ACCEPTED = "arrived, answered with an error"
    ELSEWHERE = "answered by another server"
    NO_ANSWER = "no answer"
    UNUSABLE = "unusable"  # nothing was sent


class AddressCheck(msgspec.Struct, frozen=True):
    """The outcome of one check; `sentence` says what was seen, and what that does not prove.

    `url` is cut after the first part of its path. `at` is the time in milliseconds since the
    epoch. `remarks` are about the spelling of the URL, the most important first.
    """

    outcome: CheckOutcome
    sentence: str
    url: str = ""
    at: int = 0
    remarks: tuple[UrlRemark, ...] = ()

    @property
    def arrived(self) -> bool:
        """True if the request arrived at the listener."""
        return self.outcome in {CheckOutcome.ARRIVED, CheckOutcome.NOT_ACCEPTED}

    @property
    def severity(self) -> Severity:
        """The severity of the outcome."""
        if self.outcome is CheckOutcome.ARRIVED:
            return Severity.OK
        return Severity.DANGER if self.outcome is CheckOutcome.UNUSABLE else Severity.WARNING


async def check_address(
    url: str, post: Post, archive: Path, context: UrlContext | None = None
) -> AddressCheck:
    """Post an empty envelope to a URL of the listener, and look for it among what has arrived.

    `post` sends it once, records it, and may raise NotPermitted. The archive is that of the
    listener, whichever process runs it. Raises ArchiveError if the archive cannot be read.
    """
    context = context or UrlContext()
    remarks = tuple(one for one in url_remarks(url, context) if one.fault not in _PERMANENT)
    if mistake := next((one for one in remarks if not one.usable), None):
        sentence = mistake.sentence or "There is no address."
        return AddressCheck(CheckOutcome.UNUSABLE, f"{sentence} Nothing was sent.", at=now_ms())
    nonce = secrets.token_hex(12)
    before = await asyncio.to_thread(_newest, archive)
    test = await post(url, _envelope(nonce))
    arrived = await asyncio.to_thread(_has_arrived, archive, nonce, before)
    outcome = _outcome(test, arrived=arrived)
    return AddressCheck(
        outcome,
        _sentence(outcome, test, url, sandbox=context.sandbox),
        cut_url(url),
        now_ms(),
        remarks,
    )


def _envelope(nonce: str) -> bytes:
    envelope = {"results": [], "messageCount": 0, "pendingMessageCount": 0, "check": nonce}
    return msgspec.json.encode(envelope)


def _newest(archive: Path) -> int:
    with Reader(archive) as reader:
        return reader.counts().newest_delivery


def _has_arrived(archive: Path, nonce: str, after: int) -> bool:
    """Return whether a request with this nonce is stored: before it is answered, it is."""
    with Reader(archive) as reader:
        for delivery in reversed(reader.find_deliveries(Via.FORWARD, after=after)[-_MOST:]):
            with suppress(LookupError):  # deleted meanwhile
                if nonce.encode() in reader.delivery_body(delivery):
                    return True
    return False


def _outcome(test: ForwardTest, *, arrived: bool) -> CheckOutcome:
    if arrived:
        accepted = test.verdict.counts is Delivered.YES
        return CheckOutcome.ARRIVED if accepted else CheckOutcome.NOT_ACCEPTED
    return CheckOutcome.NO_ANSWER if test.status is None else CheckOutcome.ELSEWHERE


def _sentence(outcome: CheckOutcome, test: ForwardTest, url: str, *, sandbox: bool) -> str:
    answer = f"status {test.status}" if test.status is not None else "no whole answer"
    rule = f" {by_rule(test)}" if test.rule else ""
    match outcome:
        case CheckOutcome.ARRIVED if is_certainly_loopback(host_of(url)):
            proof = "which is all that the sandbox needs" if sandbox else "and from nowhere else"
            return f"A test request has arrived here from this computer, {proof}.{rule}"
        case CheckOutcome.ARRIVED:
            return (
                f"A test request has arrived here in {test.seconds:.1f} s by the public name, sent"
                " from this computer. It does not prove that the platform's networks are let"
                f" through.{rule}"
            )
        case CheckOutcome.NOT_ACCEPTED if rule:
            return (
                f"A test request has arrived here, and its sender got {answer}.{rule} The platform"
                " would send such messages again."
            )
        case CheckOutcome.NOT_ACCEPTED:
            return (
                f"A test request has arrived here, but its sender got {answer} in place of 200: the"
                " platform would send such messages again. Look whether the tunnel changes the"
                " path."
            )
        case CheckOutcome.ELSEWHERE:
            return (
                f"The address answered with {answer}, but nothing has arrived here: it leads"
                " to another server. Check which port the tunnel leads to."
            )
    return f"Nothing has arrived here. {test.problem} Check that the tunnel runs."

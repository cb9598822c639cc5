"""The result of verifying a custody record, as lines and as JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ibconsole.archive.ledger import ItemState
from ibconsole.plural import counted
from ibconsole.services.custody.record import CustodyRecord
from ibconsole.services.custody.verifying import (
    CheckedLink,
    CustodyClaim,
    CustodyVerification,
    LinkState,
)

_SIGNS = {LinkState.HOLDS: "ok", LinkState.BROKEN: "BROKEN", LinkState.UNPROVEN: "unproven"}


def custody_lines(record: CustodyRecord, found: CustodyVerification) -> Iterator[str]:
    """Yield the result for a reader: the message, its links, and what became of it."""
    message, delivery = record.message, record.delivery
    name = message.message_id or "without a messageId"
    yield f"Message {name}, {delivery.via} {delivery.id} of archive {record.archive}"
    for link in found.links:
        place = f"{link.link}, item {link.item}" if link.item is not None else str(link.link)
        yield f"  {_SIGNS[link.state]:9}{place}: {link.sentence}"
    yield from (claim_sentence(claim) for claim in found.claims)
    yield custody_sentence(found)


def custody_sentence(found: CustodyVerification) -> str:
    """Return one sentence about the whole: what is broken, and what still holds."""
    if not found.broken:
        unproven = len(found.links) - len(found.holding)
        rest = f" {counted(unproven, 'link')} cannot be proven by this record." if unproven else ""
        if not found.claims:
            rest += " The ledger has nothing about it: it was not sent from this archive."
        return f"Every hash was recomputed, and all hold.{rest}"
    broken = ", ".join(dict.fromkeys(_name(one) for one in found.broken))
    holding = ", ".join(dict.fromkeys(_name(one) for one in found.holding))
    return f"Broken: {broken}. Still holds: {holding or 'nothing'}."


def claim_sentence(claim: CustodyClaim) -> str:
    """Return a sentence about the end of one delivery to a URL."""
    at = f" at {_time(claim.at)}" if claim.at is not None else ""
    attempts = counted(claim.attempts, "attempt")
    doubt = "" if claim.proven else " This is not proven, because a link is broken."
    by = ", by a decision" if claim.decided else ""
    answer = f" (status {claim.status})" if claim.status is not None else ""
    times = f" {counted(claim.acknowledged, 'time')}" if claim.acknowledged > 1 else ""
    once = " once" if claim.state == ItemState.ACKNOWLEDGED and claim.acknowledged == 1 else times
    return (
        f"Redelivery {claim.job} to {claim.url or 'an unknown URL'}: {claim.state}{once}{at}"
        f"{answer}{by}, after {attempts}.{doubt}"
    )


def custody_object(record: CustodyRecord, found: CustodyVerification) -> dict[str, Any]:
    """Return the result as JSON; names are added, never renamed or removed."""
    return {
        "holds": not found.broken,
        "sentence": custody_sentence(found),
        "archive": record.archive,
        "message": record.message.id,
        "messageId": record.message.message_id,
        "delivery": record.delivery.id,
        "via": record.delivery.via,
        "seal": found.seal,
        "links": [
            {
                "link": one.link.value,
                "state": one.state.value,
                "item": one.item,
                "sentence": one.sentence,
            }
            for one in found.links
        ],
        "redeliveries": [
            {
                "redelivery": one.job,
                "item": one.item,
                "url": one.url,
                "state": one.state,
                "at": _time(one.at) if one.at is not None else None,
                "status": one.status,
                "attempts": one.attempts,
                "acknowledged": one.acknowledged,
                "byDecision": one.decided,
                "proven": one.proven,
            }
            for one in found.claims
        ],
    }


def _name(link: CheckedLink) -> str:
    return str(link.link) if link.item is None else f"{link.link} (item {link.item})"


def _time(at: int) -> str:
    try:
        time = datetime.fromtimestamp(at / 1000, UTC)
    except (ValueError, OverflowError, OSError):  # a record may say anything
        return f"{at} ms"
    return time.isoformat(timespec="milliseconds")

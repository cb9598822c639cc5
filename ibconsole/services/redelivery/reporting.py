"""The plan of a redelivery, as lines for a reader and as JSON."""

from collections.abc import Iterator
from typing import Any

from ibconsole.plural import counted
from ibconsole.services.messages import iso_time
from ibconsole.services.redelivery.values import RedeliveryPlan, RedeliveryRequest
from ibconsole.services.request_log import redact_url

_LISTED = 10  # URLs


def plan_sentences(request: RedeliveryRequest, plan: RedeliveryPlan) -> Iterator[str]:
    """Yield what would be sent, what is remarkable about it, and who may have it already."""
    messages, requests = counted(plan.messages, "message"), counted(plan.requests, "request")
    yield (
        f"{messages} in {requests} to {redact_url(request.target_url)}, {request.form}:"
        f" {plan.size:,} bytes, arrived from {_iso(plan.first)} to {_iso(plan.last)}."
    )
    yield f"Retries: {request.law.sentence}"
    if plan.divided:
        yield (
            f"{counted(plan.divided, 'message')} came in forwards with others that are not chosen,"
            " and is sent by itself, with its own bytes in the platform's envelope."
        )
    if plan.duplicates:
        yield f"{counted(plan.duplicates, 'message')} repeats an earlier one here: same messageId."
    if plan.acknowledged:
        number = counted(plan.acknowledged, "message of them was", "messages of them were")
        yield f"{number} acknowledged by this URL before, or accepted as delivered."
    if plan.unknown:
        number = counted(plan.unknown, "message")
        yield f"{number} may have reached this URL before: no whole answer came."
    if plan.others:
        shown = ", ".join(map(redact_url, plan.others[:_LISTED]))
        more = len(plan.others) - _LISTED
        rest = f", and {counted(more, 'other')}" if more > 0 else ""
        yield (
            f"The platform may have delivered them as well, to {shown}{rest}. A message that"
            " arrives twice has the same messageId."
        )


def plan_as_object(request: RedeliveryRequest, plan: RedeliveryPlan) -> dict[str, Any]:
    """Return a plan as JSON; names are added, never renamed or removed."""
    return {
        "url": redact_url(request.target_url),
        "form": request.form.value,
        "messages": plan.messages,
        "requests": plan.requests,
        "size": plan.size,
        "firstAt": _iso(plan.first),
        "lastAt": _iso(plan.last),
        "divided": plan.divided,
        "duplicates": plan.duplicates,
        "acknowledged": plan.acknowledged,
        "unknown": plan.unknown,
        "forwardedTo": list(map(redact_url, plan.others)),
        "law": request.law.text,
    }


def _iso(instant: int | None) -> str:
    return "" if instant is None else iso_time(instant)

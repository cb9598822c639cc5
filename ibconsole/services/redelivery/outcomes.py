"""The outcome of one request of a redelivery, by what came of it.

Acknowledged is only what is certain, and so is what may be repeated: whatever lies between is
unknown, and left to a decision.
"""

from hashlib import sha256

from ibconsole.archive.ledger import BuiltRequest, EndedRequest, Outcome, RedeliveryAnswer
from ibconsole.http1 import Phase, RequestTrace
from ibconsole.services.forward_test import Delivered, delivery_of, masked_url, total_seconds
from ibconsole.services.request_log import Entry

_UNSENT = frozenset({Phase.DNS, Phase.TCP, Phase.TLS})
_STOPPED = (
    "It was stopped before the answer came. The endpoint may have the message; it is not sent again"
    " without a decision."
)
_DOUBTFUL = "It may have the message all the same, so nothing is repeated without a decision."
_LONG = "The answer was longer than is read of one."


def outcome_of(trace: RequestTrace) -> tuple[Outcome, str]:
    """Return the outcome of a request, and a sentence about it, empty for an acknowledged one."""
    if trace.proxy_failed or (trace.status is None and trace.phase in _UNSENT):
        return Outcome.NOT_SENT, trace.problem
    if trace.status is None:
        return Outcome.UNKNOWN, trace.problem
    if trace.status == 200 and (trace.problem or trace.truncated):
        return Outcome.UNKNOWN, trace.problem or _LONG
    delivered, reason = delivery_of(trace)
    if delivered is Delivered.YES:
        return Outcome.ACKNOWLEDGED, ""
    if delivered is Delivered.PERHAPS:
        return Outcome.UNKNOWN, f"{reason} {_DOUBTFUL}"
    return Outcome.REFUSED, reason


def ended_request(job: int, request: BuiltRequest, trace: RequestTrace, at: int) -> EndedRequest:
    """Return the end of a request, with its answer if one began; `at` is the time it began at."""
    outcome, problem = outcome_of(trace)
    seconds = total_seconds(trace.phases)
    answer = None
    if trace.status is not None:
        answer = RedeliveryAnswer(
            job=job,
            at=at + round(1000 * seconds),
            status=trace.status,
            reason=trace.reason,
            headers=texts_of(trace),
            body=trace.body,
            size=len(trace.body),
            sha256=sha256(trace.body).hexdigest(),
            complete=not trace.truncated,
            problem=problem,
            seconds=seconds,
        )
    return EndedRequest(
        id=request.id,
        items=request.items,
        outcome=outcome,
        status=trace.status,
        problem=problem,
        seconds=seconds,
        answer=answer,
    )


def stopped_request(request: BuiltRequest) -> EndedRequest:
    """Return the end of a request that this program gave up."""
    return EndedRequest(
        id=request.id, items=request.items, outcome=Outcome.UNKNOWN, problem=_STOPPED
    )


def activity_entry(
    job: int, url: str, request: BuiltRequest, trace: RequestTrace, at: int
) -> Entry:
    """Return the request as an entry of the request log."""
    head, _, body = request.data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Entry(
        started_at=at,
        method=first.partition(" ")[0],
        url=masked_url(url),
        status=trace.status,
        duration=total_seconds(trace.phases),
        problem=trace.problem,
        purpose=f"Redelivery {job}",
        request_headers=tuple((name, value.strip()) for name, _, value in pairs),
        request_body=body,
        request_size=len(body),
        answer_headers=texts_of(trace),
        answer_body=trace.body,
        answer_size=len(trace.body),
    )


def texts_of(trace: RequestTrace) -> tuple[tuple[str, str], ...]:
    """Return the headers of an answer as texts."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in trace.headers)

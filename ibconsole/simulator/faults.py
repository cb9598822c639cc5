"""Fault injection: failures of the platform, of a gateway or of the network.

Some faults replace the answer, and the call is not carried out. The others alter the answer of
a call that was carried out: a pull has then consumed its batch.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from ibconsole.http1 import Fault, Request, Response
from ibconsole.simulator import answers
from ibconsole.simulator.credentials import extract_credential

_HTML = (b"Content-Type", b"text/html; charset=utf-8")
_XML = (b"Content-Type", b"application/xml")


def _page(status: int, title: str) -> Response:
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return Response(status, (_HTML,), body.encode())


def _unavailable() -> Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><ApiException>\n  <requestError>\n'
        "    <serviceException>\n      <messageId>SERVICE_UNAVAILABLE</messageId>\n"
        "      <text>Service unavailable</text>\n    </serviceException>\n"
        "  </requestError>\n</ApiException>\n"
    )
    return Response(503, (_XML,), body.encode())


def _general_error() -> Response:
    return answers.failure(500, "GENERAL_ERROR", "Something went wrong. Please contact support.")


def _truncate_json(answer: Response) -> Response:
    """Remove the last byte of the JSON, in an otherwise complete answer."""
    return replace(answer, body=answer.body[:-1])


def _cut_off(answer: Response) -> Response:
    return replace(answer, fault=Fault(cut_after=len(answer.body) // 2))


def _overstate_length(answer: Response) -> Response:
    return replace(answer, fault=Fault(declared_length=len(answer.body) + 100))


def _compress(answer: Response) -> Response:
    if not answer.body:
        return answer
    headers = (*answer.headers, (b"Content-Encoding", b"gzip"))
    return replace(answer, headers=headers, body=gzip.compress(answer.body, mtime=0))


def _collect_secrets(request: Request) -> dict[str, str]:
    """Return every secret in a request, as a careless program would echo it."""
    authorization = request.header("authorization") or ""
    echoed = {
        "receivedAuthorization": authorization,
        "receivedCredential": extract_credential(authorization),
        "receivedBody": request.body.decode("utf-8", "replace"),
    }
    return {name: value for name, value in echoed.items() if value}


def _with_echo(answer: Response, request: Request) -> Response:
    echoed = _collect_secrets(request)
    received = request.header("authorization") or ""
    headers = (*answer.headers, (b"X-Received-Authorization", received.encode("latin-1")))
    try:
        value = json.loads(answer.body)
    except ValueError:
        body = answer.body and answer.body + answers.dump(echoed)
    else:
        body = answers.dump([*value, echoed] if isinstance(value, list) else {**echoed, **value})
    return replace(answer, headers=headers, body=body)


def _refuse_with_echo(status: int) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        echoed = " ".join(_collect_secrets(request).values())
        refusal = answers.failure(status, "ECHO", f"Refused: {echoed}")
        return _with_echo(refusal, request)

    return answer


def _always(answer: Callable[[], Response]) -> Callable[[Request], Response]:
    return lambda _: answer()


_REPLACEMENTS: dict[str, Callable[[Request], Response]] = {
    "401": _always(answers.unauthorized),
    "403": _always(answers.forbidden),
    "429": _always(answers.throttled),
    "500": _always(_general_error),
    "502": _always(lambda: _page(502, "502 Bad Gateway")),
    "503": _always(_unavailable),
    "rubbish": _always(lambda: _page(200, "Please sign in to the network")),
    **{f"echo-{status}": _refuse_with_echo(status) for status in (400, 401, 403, 500)},
}

_ALTERATIONS: dict[str, Callable[[Response], Response]] = {
    "cut": _cut_off,
    "wrong-length": _overstate_length,
    "not-json": _truncate_json,
    "reset": lambda answer: replace(answer, fault=Fault(reset=True)),
    "empty": lambda answer: replace(answer, body=b""),
    "gzip": _compress,
}

# Default delays in seconds; "drip" waits that long between two pieces of the body.
_DELAYS = {"slow": 3.0, "hang": 60.0, "drip": 0.05}

FAULTS = (*_REPLACEMENTS, *_ALTERATIONS, *_DELAYS, "echo")


@dataclass(slots=True)
class FaultOrder:
    """A fault, and the calls that it affects. Raises ValueError for invalid values.

    It affects the next `times` calls whose "METHOD path" contains `match` and, if
    `operation` is given, whose contract.operation_name equals it ("GET /push/1/applications"
    is the list alone). With `every` 2 it skips each second call, and so on: the platform
    flaps. `seconds` is the duration of the faults that delay an answer.
    """

    fault: str
    times: int = 1
    match: str = ""
    operation: str = ""
    every: int = 1
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(
                f"There is no fault named {self.fault}; there are {', '.join(FAULTS)}."
            )
        if self.times < 1 or self.every < 1:
            raise ValueError("A fault must happen at least once.")
        if self.seconds is not None and not 0 < self.seconds <= 3600:
            raise ValueError("A fault must last more than 0 and at most 3,600 seconds.")

    def replace_answer(self, request: Request) -> Response | None:
        """Return the answer of a call that is not carried out; None if the fault alters answers."""
        return _REPLACEMENTS[self.fault](request) if self.fault in _REPLACEMENTS else None

    def alter_answer(self, request: Request, answer: Response) -> Response:
        """Return the altered answer of a call that was carried out."""
        if self.fault == "echo":
            return _with_echo(answer, request)
        if self.fault in _ALTERATIONS:
            return _ALTERATIONS[self.fault](answer)
        seconds = self.seconds or _DELAYS[self.fault]
        delaying = Fault(drip=seconds) if self.fault == "drip" else Fault(delay=seconds)
        return replace(answer, fault=delaying)


class FaultQueue:
    """The faults that were ordered and have not happened yet, in order."""

    def __init__(self) -> None:
        self._pending: list[_PendingFault] = []

    def add(self, order: FaultOrder) -> None:
        """Add an order behind the pending ones."""
        self._pending.append(_PendingFault(order, order.times))

    def take(self, call: str, operation: str = "") -> FaultOrder | None:
        """Return the fault that is due for a call "METHOD path" and count it; None if none."""
        for pending in self._pending:
            if pending.matches(call, operation) and pending.count_call():
                if not pending.left:
                    self._pending.remove(pending)
                return pending.order
        return None

    def clear(self) -> None:
        """Cancel every pending fault."""
        self._pending.clear()

    @property
    def pending(self) -> list[dict[str, Any]]:
        """The pending orders in order: of each the fault, the match and the non-default fields."""
        return [
            {**_essential_fields(pending.order), "times": pending.left} for pending in self._pending
        ]


@dataclass(slots=True)
class _PendingFault:
    order: FaultOrder
    left: int
    seen: int = 0

    def matches(self, call: str, operation: str) -> bool:
        return self.order.match in call and self.order.operation in {"", operation}

    def count_call(self) -> bool:
        """Count a call that matches; return True if the fault affects it."""
        due = self.seen % self.order.every == 0
        self.seen += 1
        self.left -= due
        return due


def _essential_fields(order: FaultOrder) -> dict[str, Any]:
    fields = asdict(order)
    defaults = asdict(FaultOrder(order.fault))
    always = {"fault", "match"}
    return {
        name: value for name, value in fields.items() if name in always or value != defaults[name]
    }

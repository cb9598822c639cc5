"""Faults on demand: what the platform, a gateway or the network may do to a request.

Some stand in for the answer, so that the call is not carried out. The others spoil the answer
of a call that was carried out: a pull has then consumed its batch.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from ibconsole.http1 import Fault, Request, Response
from ibconsole.simulator import answers
from ibconsole.simulator.credentials import credential_in

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


def _without_its_end(answer: Response) -> Response:
    """JSON that breaks off, in a complete answer."""
    return replace(answer, body=answer.body[:-1])


def _cut(answer: Response) -> Response:
    return replace(answer, fault=Fault(cut_after=len(answer.body) // 2))


def _overdeclared(answer: Response) -> Response:
    return replace(answer, fault=Fault(declared_length=len(answer.body) + 100))


def _compressed(answer: Response) -> Response:
    if not answer.body:
        return answer
    headers = (*answer.headers, (b"Content-Encoding", b"gzip"))
    return replace(answer, headers=headers, body=gzip.compress(answer.body, mtime=0))


def _echoed(request: Request) -> dict[str, str]:
    """Every secret that a request brought, as a careless program would repeat it."""
    authorization = request.header("authorization") or ""
    echoed = {
        "receivedAuthorization": authorization,
        "receivedCredential": credential_in(authorization),
        "receivedBody": request.body.decode("utf-8", "replace"),
    }
    return {name: value for name, value in echoed.items() if value}


def _with_echo(answer: Response, request: Request) -> Response:
    echoed = _echoed(request)
    received = request.header("authorization") or ""
    headers = (*answer.headers, (b"X-Received-Authorization", received.encode("latin-1")))
    try:
        value = json.loads(answer.body)
    except ValueError:
        body = answer.body and answer.body + answers.dump(echoed)
    else:
        body = answers.dump([*value, echoed] if isinstance(value, list) else {**echoed, **value})
    return replace(answer, headers=headers, body=body)


def _echoing(status: int) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        echoed = " ".join(_echoed(request).values())
        refusal = answers.failure(status, "ECHO", f"Refused: {echoed}")
        return _with_echo(refusal, request)

    return answer


def _always(answer: Callable[[], Response]) -> Callable[[Request], Response]:
    return lambda _: answer()


_INSTEAD: dict[str, Callable[[Request], Response]] = {
    "401": _always(answers.unauthorized),
    "403": _always(answers.forbidden),
    "429": _always(answers.throttled),
    "500": _always(_general_error),
    "502": _always(lambda: _page(502, "502 Bad Gateway")),
    "503": _always(_unavailable),
    "rubbish": _always(lambda: _page(200, "Please sign in to the network")),
    **{f"echo-{status}": _echoing(status) for status in (400, 401, 403, 500)},
}

_SPOILING: dict[str, Callable[[Response], Response]] = {
    "cut": _cut,
    "wrong-length": _overdeclared,
    "not-json": _without_its_end,
    "reset": lambda answer: replace(answer, fault=Fault(reset=True)),
    "empty": lambda answer: replace(answer, body=b""),
    "gzip": _compressed,
}

# How many seconds each takes unless the order says so; "drip" between two pieces of the body.
_LASTING = {"slow": 3.0, "hang": 60.0, "drip": 0.05}

FAULTS = (*_INSTEAD, *_SPOILING, *_LASTING, "echo")


@dataclass(slots=True)
class Order:
    """A fault, and the calls that it happens to. Raises ValueError for what makes no sense.

    These are the next `times` whose "METHOD path" contains `match` and, if `operation` is
    given, whose name in contract.operation it is ("GET /push/1/applications" is the list
    alone). With `every` 2 each second call is left alone, and so on: the platform flaps.
    `seconds` are for the faults that take time.
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
            raise ValueError("A fault takes more than no time and at most an hour.")

    def instead(self, request: Request) -> Response | None:
        """The answer of a call that is not carried out; None for a fault that spoils one."""
        return _INSTEAD[self.fault](request) if self.fault in _INSTEAD else None

    def spoilt(self, request: Request, answer: Response) -> Response:
        """The answer of a call that was carried out."""
        if self.fault == "echo":
            return _with_echo(answer, request)
        if self.fault in _SPOILING:
            return _SPOILING[self.fault](answer)
        seconds = self.seconds or _LASTING[self.fault]
        lasting = Fault(drip=seconds) if self.fault == "drip" else Fault(delay=seconds)
        return replace(answer, fault=lasting)


class Faults:
    """The faults that were ordered and have not happened yet, in order."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []

    def plan(self, order: Order) -> None:
        """Let a fault happen."""
        self._planned.append(_Planned(order, order.times))

    def take(self, call: str, operation: str = "") -> Order | None:
        """The fault that is due for a call "METHOD path", None if none; it counts as happened."""
        for planned in self._planned:
            if planned.concerns(call, operation) and planned.happens():
                if not planned.left:
                    self._planned.remove(planned)
                return planned.order
        return None

    def clear(self) -> None:
        """Cancel every ordered fault."""
        self._planned.clear()

    @property
    def planned(self) -> list[dict[str, Any]]:
        """What is still to come: the fields of each order that say something."""
        return [{**_said(planned.order), "times": planned.left} for planned in self._planned]


@dataclass(slots=True)
class _Planned:
    order: Order
    left: int
    seen: int = 0

    def concerns(self, call: str, operation: str) -> bool:
        return self.order.match in call and self.order.operation in {"", operation}

    def happens(self) -> bool:
        due = self.seen % self.order.every == 0
        self.seen += 1
        self.left -= due
        return due


def _said(order: Order) -> dict[str, Any]:
    fields = asdict(order)
    usual = asdict(Order(order.fault))
    kept = {"fault", "match"}
    return {name: value for name, value in fields.items() if name in kept or value != usual[name]}

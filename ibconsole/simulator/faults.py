"""Faults on demand: what the platform, a gateway or the network may do to a request.

Some stand in for the answer, so that the call is not carried out. The others spoil the answer
of a call that was carried out: a pull has then consumed its batch.
"""

import gzip
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ibconsole.http1.message import Fault, Response
from ibconsole.simulator import answers

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


INSTEAD: dict[str, Callable[[], Response]] = {
    "401": answers.unauthorized,
    "403": answers.forbidden,
    "429": answers.throttled,
    "500": _general_error,
    "502": lambda: _page(502, "502 Bad Gateway"),
    "503": _unavailable,
    "rubbish": lambda: _page(200, "Please sign in to the network"),
}

SPOILING: dict[str, Callable[[Response], Response]] = {
    "slow": lambda answer: replace(answer, fault=Fault(delay=3)),
    "hang": lambda answer: replace(answer, fault=Fault(delay=60)),
    "cut": _cut,
    "wrong-length": _overdeclared,
    "not-json": _without_its_end,
    "reset": lambda answer: replace(answer, fault=Fault(reset=True)),
    "empty": lambda answer: replace(answer, body=b""),
    "gzip": _compressed,
}

FAULTS = (*INSTEAD, *SPOILING)


@dataclass(slots=True)
class _Planned:
    fault: str
    times: int
    match: str


class Faults:
    """The faults that were ordered and have not happened yet, in order."""

    def __init__(self) -> None:
        self._planned: deque[_Planned] = deque()

    def plan(self, fault: str, *, times: int, match: str) -> None:
        """Order a fault for the next `times` calls whose "METHOD path" contains `match`.

        Raises ValueError if there is no such fault or `times` is less than 1.
        """
        if fault not in FAULTS:
            raise ValueError(f"There is no fault named {fault}; there are {', '.join(FAULTS)}.")
        if times < 1:
            raise ValueError("A fault must happen at least once.")
        self._planned.append(_Planned(fault, times, match))

    def take(self, call: str) -> str:
        """The fault that is due for a call "METHOD path", "" if none; it counts as happened."""
        for planned in self._planned:
            if planned.match in call:
                planned.times -= 1
                if not planned.times:
                    self._planned.remove(planned)
                return planned.fault
        return ""

    def forget(self) -> None:
        """Cancel every ordered fault."""
        self._planned.clear()

    @property
    def planned(self) -> list[dict[str, Any]]:
        """What is still to come, as plan() was told."""
        return [
            {"fault": planned.fault, "times": planned.times, "match": planned.match}
            for planned in self._planned
        ]

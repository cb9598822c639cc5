"""Two answers compared: their heads by name, their bodies value by value if they are JSON."""

from collections.abc import Sequence

from msgspec.structs import replace

from ibconsole.archive.ledger import RedeliveryAnswer
from ibconsole.model import content_type_of
from ibconsole.services.comparison import (
    ComparedBody,
    ComparedValue,
    RowComparison,
    Side,
    compare_bodies,
)
from ibconsole.services.protection import ShownCodes
from ibconsole.services.request_log import redact_body, redact_headers

HEAD = "Head"
_ALWAYS = ShownCodes("Comparisons show application codes masked.")
_CUT = "Of an answer of {:,} bytes only the first {:,} were kept, and are compared."


def compare_answers(left: RedeliveryAnswer, right: RedeliveryAnswer, *codes: str) -> RowComparison:
    """Compare two answers: status, headers in any order and in any case, and the bodies.

    Secrets are masked before, application codes (`codes`, and what looks like one) after it: values
    that differ in a code are still different.
    """
    bodies = compare_bodies(_body(left), _body(right))
    head = (
        _row("status", _status(left), _status(right)),
        *_headers(redact_headers(left.headers), redact_headers(right.headers)),
    )
    cut = [one for one in (left, right) if one.size > len(one.body)]
    notes = tuple(_CUT.format(one.size, len(one.body)) for one in cut)
    found = replace(bodies, rows=(*head, *bodies.rows), notes=(*bodies.notes, *notes))
    return found.with_texts(lambda text: _ALWAYS.text(text, *filter(None, codes)))


def _body(answer: RedeliveryAnswer) -> ComparedBody:
    body = redact_body(answer.body, answer.headers)
    return ComparedBody(body, content_type_of(answer.headers))


def _status(answer: RedeliveryAnswer) -> str:
    if answer.status is None:
        return answer.problem
    return f"{answer.status} {answer.reason}".strip()


def _headers(
    left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]
) -> Sequence[ComparedValue]:
    ours, theirs = _by_name(left), _by_name(right)
    names = sorted({*ours, *theirs})
    return [_row(name, ours.get(name), theirs.get(name)) for name in names]


def _by_name(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the values by names in lower case; those of one name in their order."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def _row(name: str, left: str | None, right: str | None) -> ComparedValue:
    side = Side.EQUAL if left == right else Side.DIFFERENT
    if left is None or right is None:
        side = Side.RIGHT_ONLY if left is None else Side.LEFT_ONLY
    return ComparedValue(f"{HEAD}: {name}", name, left or "", right or "", side)

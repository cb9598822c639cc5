"""Bounds of what one answer to an agent holds: pages, and values that are cut and say so."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from ibconsole.model import encode
from ibconsole.plural import counted

T = TypeVar("T")

LARGEST = 48 << 10  # bytes of JSON in one answer
LONGEST_PAGE = 100
_LENGTHS = (2_000, 400, 80)  # characters of a text, tried in turn
_MOST_MEMBERS = 200
_DEEPEST = 12


def bounded(value: Any, largest: int = LARGEST) -> Any:
    """Return a value whose JSON has at most this many bytes; what is cut says so."""
    size = 0
    for longest in _LENGTHS:
        cut = _cut(value, longest, _DEEPEST)
        size = len(encode(cut))
        if size <= largest:
            return cut
    return {"leftOut": f"This has {size:,} bytes of JSON, which is more than one answer holds."}


def page_of(
    items: Sequence[T], show: Callable[[T], Any], *, offset: int, limit: int
) -> dict[str, Any]:
    """Return items from an offset on as they are shown: as many as fit, at least one.

    `nextOffset` is that of the next page, None behind the last item.
    """
    shown = fitting(map(show, items[offset : offset + limit]))
    end = offset + len(shown)
    return {
        "items": shown,
        "total": len(items),
        "nextOffset": end if shown and end < len(items) else None,
    }


def fitting(values: Iterable[Any]) -> list[Any]:
    """Return the first of these values that fit into one answer together, at least one."""
    fit: list[Any] = []
    size = 0
    for value in values:
        one = bounded(value, LARGEST // 2)
        size += len(encode(one))
        if fit and size > LARGEST:
            break
        fit.append(one)
    return fit


def _cut(value: Any, longest: int, depth: int) -> Any:
    if isinstance(value, str):
        if len(value) <= longest:
            return value
        return f"{value[:longest]}… ({counted(len(value), 'character')})"
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        return "… (more within it)"
    if isinstance(value, list):
        parts = [_cut(one, longest, depth - 1) for one in value[:_MOST_MEMBERS]]
        more = len(value) - len(parts)
        return [*parts, f"… ({more:,} more)"] if more else parts
    members = list(value.items())
    cut = {
        str(name)[:longest]: _cut(one, longest, depth - 1) for name, one in members[:_MOST_MEMBERS]
    }
    if len(members) > _MOST_MEMBERS:
        cut["…"] = f"{len(members) - _MOST_MEMBERS:,} more"
    return cut

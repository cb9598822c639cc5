"""Alignment of two sequences: which element belongs to which, never in quadratic time.

What is unique on both sides anchors what is between (as patience diff does); small rests are
aligned exactly, within a budget, and what is left by position.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

Pair = tuple[int | None, int | None]
_LEVELS = 12  # of anchors between anchors
_CELLS = 1_000_000  # of all exact alignments of one comparison: less than a second


class Aligner:
    """Aligns sequences, and spends one budget on all of them."""

    def __init__(self, cells: int = _CELLS) -> None:
        self._cells = cells

    def align(
        self,
        left: Sequence[Hashable],
        right: Sequence[Hashable],
        names: tuple[Sequence[Hashable], Sequence[Hashable]] | None = None,
    ) -> list[Pair]:
        """Return pairs of indexes, in order; None where a side has no counterpart.

        Equal elements are paired first. Of the others those with equal `names`, as far as these
        are unique; then, by position, those of which at most one has a name (None is none).
        """
        pairs: list[Pair] = []
        matches = list(self._matches(left, right, (0, len(left)), (0, len(right)), 0))
        for ours, theirs in _gaps(matches, len(left), len(right)):
            pairs += _pair_rest(ours, theirs, names)
            if ours.stop < len(left) and theirs.stop < len(right):
                pairs.append((ours.stop, theirs.stop))
        return pairs

    def _matches(
        self,
        left: Sequence[Hashable],
        right: Sequence[Hashable],
        ours: tuple[int, int],
        theirs: tuple[int, int],
        level: int,
    ) -> Iterator[tuple[int, int]]:
        """Yield equal pairs, in order."""
        (start, end), (begin, stop) = ours, theirs
        while start < end and begin < stop and left[start] == right[begin]:
            yield start, begin
            start, begin = start + 1, begin + 1
        tail = 0
        while start < end - tail and begin < stop - tail:
            if left[end - tail - 1] != right[stop - tail - 1]:
                break
            tail += 1
        end, stop = end - tail, stop - tail
        if start < end and begin < stop:
            yield from self._inner(left, right, (start, end), (begin, stop), level)
        yield from ((end + one, stop + one) for one in range(tail))

    def _inner(
        self,
        left: Sequence[Hashable],
        right: Sequence[Hashable],
        ours: tuple[int, int],
        theirs: tuple[int, int],
        level: int,
    ) -> Iterator[tuple[int, int]]:
        anchors = _anchors(left, right, range(*ours), range(*theirs)) if level < _LEVELS else []
        if not anchors:
            cells = (ours[1] - ours[0]) * (theirs[1] - theirs[0])
            if cells <= self._cells:
                self._cells -= cells
                yield from _exact(left, right, range(*ours), range(*theirs))
            return
        start, begin = ours[0], theirs[0]
        for mine, other in [*anchors, (ours[1], theirs[1])]:
            yield from self._matches(left, right, (start, mine), (begin, other), level + 1)
            if mine < ours[1]:
                yield mine, other
            start, begin = mine + 1, other + 1


def _anchors(
    left: Sequence[Hashable], right: Sequence[Hashable], ours: range, theirs: range
) -> list[tuple[int, int]]:
    """Return the longest increasing row of pairs whose element is unique on both sides."""
    places = _unique(left, ours)
    others = _unique(right, theirs)
    pairs = [(place, others[one]) for one, place in places.items() if one in others]
    return _increasing(pairs)


def _unique(items: Sequence[Hashable], places: range) -> dict[Hashable, int]:
    counts = Counter(items[place] for place in places)
    return {items[place]: place for place in places if counts[items[place]] == 1}


def _increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of these pairs, sorted by the first, that the second sorts, too."""
    tops: list[int] = []  # the smallest last element of a row of each length
    holders: list[int] = []
    before: list[int] = []
    for number, (_, other) in enumerate(pairs):
        length = bisect_left(tops, other)
        before.append(holders[length - 1] if length else -1)
        tops[length : length + 1] = [other]
        holders[length : length + 1] = [number]
    chain = []
    number = holders[-1] if holders else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _exact(
    left: Sequence[Hashable], right: Sequence[Hashable], ours: range, theirs: range
) -> Iterator[tuple[int, int]]:
    """Yield a longest common subsequence."""
    rows = [[0] * (len(theirs) + 1)]
    for place in reversed(ours):
        below, row = rows[-1], [0]
        for index, other in enumerate(reversed(theirs)):
            same = left[place] == right[other]
            row.append(below[index] + 1 if same else max(row[index], below[index + 1]))
        rows.append(row)
    rows.reverse()
    mine, other = 0, 0
    while mine < len(ours) and other < len(theirs):
        rest = len(theirs) - other
        if left[ours[mine]] == right[theirs[other]]:
            yield ours[mine], theirs[other]
            mine, other = mine + 1, other + 1
        elif rows[mine + 1][rest] >= rows[mine][rest - 1]:
            mine += 1
        else:
            other += 1


def _gaps(
    matches: Sequence[tuple[int, int]], left: int, right: int
) -> Iterator[tuple[range, range]]:
    start, begin = 0, 0
    for mine, other in [*matches, (left, right)]:
        yield range(start, mine), range(begin, other)
        start, begin = mine + 1, other + 1


def _pair_rest(
    ours: range, theirs: range, names: tuple[Sequence[Hashable], Sequence[Hashable]] | None
) -> Iterator[Pair]:
    """Pair elements that are not equal."""
    if names is None:
        yield from _by_position(ours, theirs)
        return
    mine, others = names
    anchors = [pair for pair in _anchors(mine, others, ours, theirs) if mine[pair[0]] is not None]
    start, begin = ours.start, theirs.start
    for place, other in [*anchors, (ours.stop, theirs.stop)]:
        yield from _unnamed(range(start, place), range(begin, other), names)
        if place < ours.stop:
            yield place, other
        start, begin = place + 1, other + 1


def _unnamed(
    ours: range, theirs: range, names: tuple[Sequence[Hashable], Sequence[Hashable]]
) -> Iterator[Pair]:
    """Pair by position, but no two that have different names."""
    for place, other in _by_position(ours, theirs):
        if place is None or other is None or None in {names[0][place], names[1][other]}:
            yield place, other
        else:
            yield place, None
            yield None, other


def _by_position(ours: range, theirs: range) -> Iterator[Pair]:
    common = min(len(ours), len(theirs))
    yield from zip(ours[:common], theirs[:common], strict=True)
    yield from ((place, None) for place in ours[common:])
    yield from ((None, place) for place in theirs[common:])

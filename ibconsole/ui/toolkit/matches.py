"""Matches of a searched text, compared as the archive compares, and their place as shown."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from ibconsole.text import fold, folded_spans
from ibconsole.ui.toolkit.theme import Colours

Span = tuple[int, int]  # start and end of a match
Spans = Sequence[Span]

# Marks around a match; Unicode reserves these characters for such internal use.
_START, _END = "\ufdd0", "\ufdd1"
_ELLIPSIS = "…"
_BEFORE = 3  # the part of the width that is kept for what precedes a match


def find_matches(text: str, wanted: str) -> Spans:
    """Return where a text has the wanted one, compared by `fold`; matches do not overlap."""
    folded, sought = fold(text), fold(wanted)
    if not sought or sought not in folded:
        return ()
    origins = folded_spans(text)
    found: list[Span] = []
    start = folded.find(sought)
    while start >= 0:
        span = (origins[start][0], origins[start + len(sought) - 1][1])
        if found and span[0] < found[-1][1]:  # in the middle of a letter that two matches share
            found[-1] = (found[-1][0], max(span[1], found[-1][1]))
        else:
            found.append(span)
        start = folded.find(sought, start + len(sought))
    return tuple(found)


@lru_cache(maxsize=512)
def shown_matches(text: str, wanted: str, show: Callable[[str], str]) -> tuple[str, Spans]:
    """Return a text as `show` returns it, and where the matches of the original are in it."""
    shown = show(text)
    spans = find_matches(text, wanted)
    if not spans or _START in text or _END in text:
        return shown, ()
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], _START, text[start:end], _END]
        done = end
    return _read_marks(shown, show("".join([*parts, text[done:]])))


def elide_matches(
    text: str, spans: Spans, metrics: QFontMetrics, mode: Qt.TextElideMode, width: int
) -> tuple[str, Spans]:
    """Return a text elided to a width, and the matches in it.

    A text that is elided at its right begins later if its first match would not be in sight.
    """
    if spans and mode == Qt.TextElideMode.ElideRight:
        text, spans = _begin_before_match(text, spans, metrics, width)
    shown = metrics.elidedText(text, mode, width)
    same = (one == other for one, other in zip(text, shown, strict=False))
    gap = next((place for place, equal in enumerate(same) if not equal), len(shown))
    rest = len(text) - len(shown[gap + 1 :])  # where the text goes on behind the ellipsis
    if shown == text:
        return text, spans
    before = [(start, min(end, gap)) for start, end in spans if start < gap]
    moved = gap + 1 - rest
    after = [(max(start, rest) + moved, end + moved) for start, end in spans if end > rest]
    return shown, (*before, *after)


def mark_html(text: str, spans: Spans, colours: Colours) -> str:
    """Return a text as HTML for a label, in which the matches are marked."""
    style = f"background-color: {colours.match}; color: {colours.on_match};"
    parts, done = [], 0
    for start, end in spans:
        marked = f'<u style="{style}">{escape(text[start:end])}</u>'
        parts += [escape(text[done:start]), marked]
        done = end
    whole = "".join([*parts, escape(text[done:])])
    return f'<span style="white-space: pre-wrap">{whole}</span>'


def _read_marks(shown: str, marked: str) -> tuple[str, Spans]:
    spans: list[Span] = []
    plain = ""
    for number, part in enumerate(marked.split(_START)):
        match, found, rest = part.partition(_END)
        if number and found:
            spans.append((len(plain), len(plain) + len(match)))
        plain += match + rest
    # Marks within a line break of two characters change what is shown.
    return shown, tuple(spans) if plain == shown else ()


def _begin_before_match(
    text: str, spans: Spans, metrics: QFontMetrics, width: int
) -> tuple[str, Spans]:
    start, end = spans[0]
    if metrics.horizontalAdvance(f"{text[:end]}{_ELLIPSIS}") <= width:
        return text, spans
    mode = Qt.TextElideMode.ElideLeft
    before = metrics.elidedText(text[:start], mode, width // _BEFORE)
    end_of_all = metrics.elidedText(text, mode, width)  # fills the width if the match is near it
    cut = min(start - len(before), len(text) - len(end_of_all)) + 1
    if cut <= 1:
        return text, spans
    moved = 1 - cut
    return _ELLIPSIS + text[cut:], [(one + moved, other + moved) for one, other in spans]

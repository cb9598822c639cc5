"""Spans of values in the bytes of a JSON body: the offset of the first byte, and the length.

For bodies that can be read as JSON, strictly or leniently. The structure of JSON is ASCII, so
invalid UTF-8 shifts no offset. Costs an eighth of what reading the messages costs.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec

Span: TypeAlias = tuple[int, int]

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_COMMAS = re.compile(rb"[ \t\r\n,]*")
_SEPARATORS = re.compile(r"[ \t\r\n,:]*")
_DECODE_ERRORS = (msgspec.DecodeError, ValueError)  # the latter for invalid UTF-8
_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+("?)|[\[\]{}]', re.DOTALL)
_DECODER = json.JSONDecoder(strict=False)


def span_of_body(body: bytes) -> Span:
    """Return the span of the body's value, without a byte order mark and white space around it."""
    bare = body.removeprefix(_BOM).lstrip(_SPACE)
    return len(body) - len(bare), len(bare.rstrip(_SPACE))


def span_of_member(body: bytes, name: str) -> Span | None:
    """Return the span of a member's value in a body that is an object; None if it is missing.

    If a name occurs more than once, the last value counts, as it does for JSON readers.
    """
    try:
        value = msgspec.json.decode(body, type=dict[str, msgspec.Raw])[name]
    except (*_DECODE_ERRORS, KeyError):
        return _find_member(body, name)
    raw = bytes(value)
    start = body.find(raw)
    if start == body.rfind(raw):
        return start, len(raw)
    return _find_member(body, name)


def element_spans(body: bytes, array: Span) -> Sequence[Span]:
    """Return the spans of an array's elements, in order; `array` is the span of the array.

    In a body that strict readers refuse, the result ends at the first incomplete element.
    """
    start, size = array
    try:
        elements = msgspec.json.decode(
            memoryview(body)[start : start + size], type=list[msgspec.Raw]
        )
    except _DECODE_ERRORS:
        return [span for _, span in complete_elements(body, start + 1)]
    spans = []
    at = start + 1
    for element in elements:
        length = memoryview(element).nbytes
        between = _COMMAS.match(body, at)
        at = between.end() if between else at
        spans.append((at, length))
        at += length
    return spans


def complete_elements(body: bytes, start: int) -> Iterator[tuple[str, Span]]:
    """Yield the first character and the span of each element, up to the first incomplete one.

    `start` is the offset after the bracket that opens the array.
    """
    text = body.decode("latin-1")  # one character for each byte
    at = _skip_separators(text, start)
    while not text.startswith("]", at):
        try:
            _, end = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError:
            return
        except (ValueError, RecursionError):  # thousands of digits, or of levels
            end = _end_of_nested(text, at)
            if not end:
                return
        yield text[at], (at, end - at)
        at = _skip_separators(text, end)


def cut_members(body: bytes) -> Iterator[tuple[str, Span, bool]]:
    """Yield the members of an object that ends too early: name, span of the value, and if whole.

    Only the value of the last member can be incomplete; then its span goes on to the end.
    """
    text = body.decode("latin-1")  # one character for each byte
    at = _skip_separators(text, span_of_body(body)[0] + 1)
    while text.startswith('"', at):
        try:
            key, end = _DECODER.raw_decode(text, at)
        except ValueError:
            return
        start = _skip_separators(text, end)
        try:
            _, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            yield key, (start, len(text) - start), False
            return
        yield key, (start, end - start), True
        at = _skip_separators(text, end)


def _end_of_nested(text: str, at: int) -> int:
    """Return the offset behind an object or array of any depth; 0 if its end is missing."""
    depth = 0
    for found in _STRUCTURE.finditer(text, at):
        if found[0] in "[{":
            depth += 1
        elif found[0] in "]}":
            depth -= 1
        elif not found[1]:
            return 0
        if depth <= 0:
            return found.end() if text[at] in "[{" else 0
    return 0


def _find_member(body: bytes, name: str) -> Span | None:
    text = body.decode("latin-1")
    found = None
    at = _skip_separators(text, span_of_body(body)[0] + 1)
    while text.startswith('"', at):
        key, end = _DECODER.raw_decode(text, at)
        start = _skip_separators(text, end)
        _, end = _DECODER.raw_decode(text, start)
        if key == name:
            found = (start, end - start)
        at = _skip_separators(text, end)
    return found


def _skip_separators(text: str, at: int) -> int:
    gap = _SEPARATORS.match(text, at)
    return gap.end() if gap else at

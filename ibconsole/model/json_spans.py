"""Where values stand in the bytes of a JSON body: a place is their first byte and their length.

For bodies that could be read as JSON, however leniently: the structure of JSON is ASCII, so
bytes that are no UTF-8 move nothing. Costs an eighth of what reading the messages costs.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec

Place: TypeAlias = tuple[int, int]

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_BETWEEN = re.compile(rb"[ \t\r\n,]*")
_GAP = re.compile(r"[ \t\r\n,:]*")
_STRANGE = (msgspec.DecodeError, ValueError)  # the latter for bytes that are no UTF-8
_DECODER = json.JSONDecoder(strict=False)


def place_of_body(body: bytes) -> Place:
    """Where the one value of a body stands: behind a byte order mark and white space."""
    bare = body.removeprefix(_BOM).lstrip(_SPACE)
    return len(body) - len(bare), len(bare.rstrip(_SPACE))


def place_of_member(body: bytes, name: str) -> Place | None:
    """Where the value of that name stands in the object that the body is; None if it has none.

    Of several values of one name it is the last, as it is for who reads them.
    """
    try:
        value = msgspec.json.decode(body, type=dict[str, msgspec.Raw])[name]
    except (*_STRANGE, KeyError):
        return _place_of_member(body, name)
    raw = bytes(value)
    start = body.find(raw)
    if start == body.rfind(raw):
        return start, len(raw)
    return _place_of_member(body, name)


def places_in_array(body: bytes, array: Place) -> Sequence[Place]:
    """Where the elements of the array stand that stands in the body at that place."""
    start, size = array
    try:
        elements = msgspec.json.decode(
            memoryview(body)[start : start + size], type=list[msgspec.Raw]
        )
    except _STRANGE:
        return [place for _, place in whole_elements(body, start + 1)]
    places = []
    at = start + 1
    for element in elements:
        length = memoryview(element).nbytes
        between = _BETWEEN.match(body, at)
        at = between.end() if between else at
        places.append((at, length))
        at += length
    return places


def whole_elements(body: bytes, start: int) -> Iterator[tuple[str, Place]]:
    """The elements from there to the first that is not whole, each with its first character.

    `start` lies behind the bracket that begins the array.
    """
    text = body.decode("latin-1")  # one character for each byte
    at = _skipped(text, start)
    while not text.startswith("]", at):
        try:
            _, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield text[at], (at, end - at)
        at = _skipped(text, end)


def _place_of_member(body: bytes, name: str) -> Place | None:
    text = body.decode("latin-1")
    found = None
    at = _skipped(text, place_of_body(body)[0] + 1)
    while text.startswith('"', at):
        key, end = _DECODER.raw_decode(text, at)
        start = _skipped(text, end)
        _, end = _DECODER.raw_decode(text, start)
        if key == name:
            found = (start, end - start)
        at = _skipped(text, end)
    return found


def _skipped(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at

"""JSON objects in any arrangement: each is found once, also next to what is damaged."""

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.services.messages.json_objects import FileWindow, ObjectFinder

MARKER = "_own"
OBJECTS: list[dict[str, Any]] = [
    {"text": 'a "quoted" {[ \\', MARKER: {"n": 1, "deep": [{"x": [1, 2]}]}},
    {MARKER: {"n": 2, "value": {"messageId": "m", MARKER: {"id": 9}}}},
    {"text": "}\r\n{", "list": [], MARKER: {"n": 3}},
    {"text": "Größe \N{GRINNING FACE}", "p": {MARKER: 1, "y": [{MARKER: 2}]}, MARKER: {"n": 4}},
]


def number(data: bytes) -> int | None:
    try:
        found = json.loads(data)[MARKER]["n"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if isinstance(found, int) else None


def search(data: bytes, longest: int = 1 << 20) -> tuple[list[int], list[str]]:
    """Return the numbers of the objects that were found, and the places of the others."""
    window = FileWindow(io.BytesIO(data), len(data), lambda _: None)
    finder = ObjectFinder(window, marker=MARKER, read=number, longest=longest)
    found = list(finder.find())
    numbers = [each.value for each in found if each.value is not None]
    return numbers, [each.place for each in found if each.value is None]


def joined(separator: str, start: str = "", end: str = "") -> Callable[[Sequence[Any]], str]:
    return lambda objects: start + separator.join(map(json.dumps, objects)) + end


ARRANGEMENTS: list[Callable[[Sequence[Any]], str]] = [
    joined("\n"),
    joined("\r\n", end="\r\n"),
    joined("\r", end="\r"),
    joined("\n\n \n", "\n\n"),
    joined(""),
    joined(" "),
    joined(",\n", end=",\n"),
    joined(",", "[", "]"),
    joined(",", "[", ",]"),
    joined("\n,", "[\n", "]\n"),
    joined("\n\x1e", "\x1e", "\n"),
    joined("\ufeff\n", "\ufeff"),
    joined("\0", end="\0"),
    joined(",", '{"results":[', '],"messageCount":4}'),
    joined(",", '{"answer":{"results":[', '],"note":"{"},"n":[1,2]}'),
    joined(",", '[{"results":[', "]}]"),
    json.dumps,
    lambda objects: json.dumps(objects, indent=2, ensure_ascii=False),
    lambda objects: "\n".join(json.dumps(each, indent=4, sort_keys=True) for each in objects),
    lambda objects: json.dumps({"data": {"items": objects}}, indent="\t"),
    lambda objects: "\n".join(json.dumps(json.dumps(each)) for each in objects),
    lambda objects: "\n".join(f"{n}:{json.dumps(each)}" for n, each in enumerate(objects)),
    lambda objects: "\n\n".join(f"data: {json.dumps(each)}" for each in objects),
    lambda objects: "".join(f"{json.dumps(each)};\n" for each in objects),
]


@pytest.mark.parametrize("arrangement", range(len(ARRANGEMENTS)))
def test_arrangements(arrangement: int) -> None:
    """Arrays, envelopes, several lines, one line and any separators lose no object."""
    numbers, places = search(ARRANGEMENTS[arrangement](OBJECTS).encode())

    assert numbers == [1, 2, 3, 4]
    assert places == []


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from(ARRANGEMENTS), st.sampled_from("\n \x1e,")), max_size=4),
    st.dictionaries(st.text(), st.recursive(st.text() | st.none(), st.lists)),
)
def test_several_arrangements(
    parts: Sequence[tuple[Callable[[Sequence[Any]], str], str]], members: dict[str, Any]
) -> None:
    """Files of several arrangements, one behind another, lose no object, whatever is in it."""
    objects = [*OBJECTS, {**members, MARKER: {"n": 5}}]
    text = "".join(arrange(objects) + separator + "\n" for arrange, separator in parts)

    assert search(text.encode())[0] == [1, 2, 3, 4, 5] * len(parts)


@pytest.mark.parametrize(
    ("damaged", "places"),
    [
        ('{"a":1\n', ["line 2"]),
        ('{"a":"x\n', ["line 2"]),
        ('{"a":[1,\n{"b":\n', ["line 2", "line 3"]),
        ("not JSON\n", ["line 2"]),
        ('{"a":1}\n', ["line 2"]),
        ('{"_own":5}\n', ["line 2"]),
        ('{"results":[{"a":1}]}\n', ["line 2"]),
        ('[{"_own":{"n":"x"}},{"b":"\n', ["line 2", "line 2 at byte 167"]),
        ('{\n  "a": "x\n  "b": 2,\n  "c": {"d": 1}\n}\n', ["line 2"]),
        ('{"_own":{"n":' + "[" * 100_000 + "\n", ["line 2"]),
    ],
)
def test_damages(damaged: str, places: list[str]) -> None:
    """What is damaged is named with its place, and the objects around it are found."""
    first, *rest = map(json.dumps, OBJECTS)
    text = f"{first}\n{damaged}" + "\n".join(rest)

    assert [place.split(" at")[0] for place in search(text.encode())[1]] == [
        place.split(" at")[0] for place in places
    ]
    assert search(text.encode())[0] == [1, 2, 3, 4]


def test_a_place_within_a_line() -> None:
    """On a long line the offset tells where the damage is; what follows it is found."""
    text = joined(",", "[", "]")([*OBJECTS[:2], {MARKER: "?"}, *OBJECTS[2:]])

    offset = text.index('{"_own": "?') + 1

    assert search(text.encode()) == ([1, 2, 3, 4], [f"line 1 at byte {offset:,}"])


@pytest.mark.parametrize("arrangement", [0, 5, 7, 13, 17])
def test_cut_files(arrangement: int) -> None:
    """What comes before the end of a cut file is found, and the cut is named."""
    objects = [{"text": "x", MARKER: {"n": n}} for n in range(100)]
    text = ARRANGEMENTS[arrangement](objects)
    numbers, places = search(text[: text.index('"n": 70') + 3].encode())

    assert numbers == list(range(70))
    assert places


@pytest.mark.parametrize("arrangement", [0, 5, 7, 13, 17])
def test_objects_beyond_a_window(arrangement: int) -> None:
    """Objects that are longer than what is read at once are found, except for too long ones."""
    sizes = (10, 300_000, 5, 900_000, 2_000_000, 7)
    objects = [{"text": "ü" * size, MARKER: {"n": n}} for n, size in enumerate(sizes)]
    text = ARRANGEMENTS[arrangement](objects)
    if arrangement != 17:
        text = text.replace("\\u00fc", "ü")

    numbers, places = search(text.encode(), longest=1_900_000)
    assert numbers == [0, 1, 2, 3, 5]
    assert places

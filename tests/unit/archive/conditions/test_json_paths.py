"""Paths are those of RFC 9535, within bounds."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.archive.conditions.json_paths import (
    InvalidJsonPath,
    check_json_path,
    compiled_path,
)

DOCUMENT: dict[str, Any] = {
    "a": {"b c": [10, 20, {"d": "deep"}]},
    "list": [{"x": 1, "y": "one"}, {"x": 2}],
    "\xfcber": True,
    "text": "[1]",
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [DOCUMENT]),
        ("$.a['b c'][1]", [20]),
        ('$["a"]["b c"][-1].d', ["deep"]),
        ("$.\xfcber", [True]),
        ("$.text[0]", []),
        ("$.list.x", []),
        ("$.list[5]", []),
        ("$.a[0]", []),
        ("$.missing.x", []),
        ("$['a']['b c'][0:2]", [10, 20]),
        ("$.list[*].x", [1, 2]),
        ("$..x", [1, 2]),
        ("$..y", ["one"]),
        ("$.a.*[0]", [10]),
        ("$..['x']", [1, 2]),
        ("$.list[*].*", [1, "one", 2]),
        ("$.list[?@.y == 'one'].x", [1]),
        ("$.list[?length(@.y) == 3].x", [1]),
        ("$.list[0,1].x", [1, 2]),
        ("$['\\u0061']['b c'][0]", [10]),
    ],
)
def test_paths(path: str, found: list[Any]) -> None:
    """A path leads to all of its values."""
    assert [*compiled_path(path).select(DOCUMENT)] == found


@pytest.mark.parametrize(
    ("path", "offset"),
    [
        ("", 0),
        ("a.b", 0),
        ("$.", 2),
        ("$.a[", 4),
        ("$.a b", 4),
        ("$[01]", 2),
        ("$.list[?@.x == ]", 15),
        ("$.list[?search(@.y, '(a+)+')]", 8),
        ("$..a..b", 4),
        ("$[?@.a][?@.b]", 8),
        ("$[?@..a]", 4),
        ("$[?@.a == $.b]", 10),
        ("$[*,*][*,*]", 6),
        ("$" + ".a" * 100, 200),
        ("$[9007199254740993:]", 2),
    ],
)
def test_what_is_no_path(path: str, offset: int) -> None:
    """What is no path, or may take too long, is refused at a character."""
    with pytest.raises(InvalidJsonPath, match=r"\.$") as caught:
        check_json_path(path)

    assert caught.value.offset == offset


def test_quoted_signs_are_no_bounds() -> None:
    """A name may contain what is limited outside of quotation marks."""
    assert [*compiled_path("$['..?$,..?$,']").select({"..?$,..?$,": 1})] == [1]
    assert [*compiled_path("$[?@['..?$'] == '..?$']").select([{"..?$": "..?$"}])] == [
        {"..?$": "..?$"}
    ]


def test_a_text_has_no_parts() -> None:
    """A message that is a text in JSON is not read once more as JSON."""
    assert [*compiled_path("$[0:1]").select("[1]")] == []


@given(st.text(alphabet="$.[]'\"?@*,:0-1ab=()!<>& ~^|\\", max_size=40))
def test_any_text(path: str) -> None:
    """Any text is a path that can be followed, or it is refused."""
    refused_at, found = 0, []
    try:
        found = [*compiled_path(path).select(DOCUMENT)]
    except InvalidJsonPath as error:
        refused_at = error.offset

    assert 0 <= refused_at <= len(path)
    assert all(json.dumps(one) for one in found)


def test_plain_paths_need_no_library() -> None:
    """A path of names and indexes does not wait for the library."""
    script = (
        "import sys; from ibconsole.archive.conditions import check_json_path as check;"
        "check('$.a[0][\"b\"]'); print('jsonpath' in sys.modules);"
        "check('$[0:1]'); print('jsonpath' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["False", "True"]

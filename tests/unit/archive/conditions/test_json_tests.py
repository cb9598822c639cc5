"""Values in the JSON of a message are compared by their kinds."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.archive.conditions import (
    ByJson,
    Relation,
    is_json_match,
    may_lead_somewhere,
    read_json,
)
from ibconsole.archive.conditions.json_tests import LARGEST_JSON
from tests.unit.archive.conditions.conditions import PAYLOADS, is_found, json_tests


def passes(document: Any, comparison: str, value: str = "", *, is_text: bool = False) -> bool:
    test = ByJson(path="$.x", comparison=Relation(comparison), value=value, is_text=is_text)
    return is_json_match(test, read_json(json.dumps({"x": document}).encode()))


@pytest.mark.parametrize(
    ("document", "comparison", "value", "expected"),
    [
        (5, "=", "5", True),
        (5.0, "=", "5", True),
        ("5", "=", "5", True),
        (5, "!=", "5", False),
        (6, "!=", "5", True),
        (True, "=", "true", True),
        ("true", "=", "true", True),
        (1, "=", "true", False),
        (True, "=", "1", False),
        (None, "=", "null", True),
        ([], "=", "null", False),
        ({"y": 1}, "!=", "1", True),
        (10, ">", "9", True),
        ("10", ">", "9", False),
        ("b", ">", "a", True),
        (True, ">", "0", False),
        (5, ">=", "5", True),
        (5, "<=", "4.5", False),
        ("2026-11-01T10:00", "<", "2026-11-02", True),
        ("Stop now", "contains", "sTOP", True),
        (["a", 5], "contains", "5", True),
        (["a", 55], "contains", "5", False),
        ({"5": 5}, "contains", "5", False),
        (None, "exists", "", True),
        (1, "=", "1e400", False),
        (1, "=", "-", False),
        ("-", "=", "-", True),
    ],
)
def test_comparisons(document: Any, comparison: str, value: str, expected: bool) -> None:
    """Numbers are compared with numbers, all else as texts."""
    assert passes(document, comparison, value) is expected


def test_a_quoted_value_is_a_text() -> None:
    """In quotation marks a number is compared with texts alone."""
    assert passes("5", "=", "5", is_text=True)
    assert not passes(5, "=", "5", is_text=True)
    assert not passes(None, "=", "null", is_text=True)
    assert passes("6", ">", "5", is_text=True)


@pytest.mark.parametrize("body", [None, b"", b"{", b"[" * 500, b'"' + b"x" * LARGEST_JSON + b'"'])
@pytest.mark.parametrize("comparison", Relation)
def test_nothing_is_found_in_what_is_no_json(body: bytes | None, comparison: Relation) -> None:
    """Nothing is found in a body that is missing, broken, too deep or too large."""
    test = ByJson(path="$", comparison=comparison, value="")

    assert not is_json_match(test, read_json(body))


@given(test=json_tests, document=st.sampled_from(PAYLOADS))
def test_by_definition(test: ByJson, document: Any) -> None:
    """Each test passes as its description says."""
    assert is_json_match(test, document) == is_found(test, document)


def test_deep_documents() -> None:
    """A path that descends reaches the deepest level that is parsed."""
    body = b'{"a":' * 150 + b'{"x":1}' + b"}" * 150
    deep = ByJson(path="$..x", comparison=Relation.EQUAL, value="1")

    assert is_json_match(deep, read_json(body))


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("$.x", b'{"x":1}', True),
        ("$.x", b'{"y":1}', False),
        ("$.x", b'{"\\u0078":1}', True),
        ("$.x.order", b'{"x":1}', False),
        ("$..order", b"{}", False),
        ("$.\xfcber", b"{}", True),
        ("$[0]", b"{}", True),
        ("$[?@.x]", b"{}", True),
    ],
)
def test_names_that_are_missing(path: str, body: bytes, expected: bool) -> None:
    """JSON without a name of the path need not be read, unless it may be written otherwise."""
    assert may_lead_somewhere(path, body) is expected

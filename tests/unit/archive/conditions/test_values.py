"""The values of conditions."""

import pytest

from ibconsole.archive.conditions import (
    AllOf,
    AnyOf,
    ByJson,
    Condition,
    Contains,
    NoneOf,
    Relation,
    reads_json,
)

JSON = ByJson(path="$", comparison=Relation.EXISTS)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, False),
        (Contains(text="a"), False),
        (JSON, True),
        (AllOf(conditions=(Contains(text="a"), NoneOf(condition=JSON))), True),
        (AnyOf(conditions=(Contains(text="a"), NoneOf(condition=Contains(text="b")))), False),
    ],
)
def test_what_looks_into_json(condition: Condition | None, expected: bool) -> None:
    """A search knows what takes long before it begins."""
    assert reads_json(condition) is expected

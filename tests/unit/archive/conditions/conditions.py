"""Conditions for tests: any of them, and what each means, read from its definition alone."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from ibconsole.archive.conditions import (
    AllOf,
    AnyOf,
    ArrivedWithin,
    ByField,
    ByFlags,
    ByJson,
    ByLag,
    ByVia,
    Condition,
    Contains,
    ExactField,
    NoneOf,
    Relation,
)

AT = 1_750_000_000_000
LAGS = (0, 1_000, 600_000)
WORDS = ("stop", "Straße", "info", "o", "KÖ", "50%", "a_b", "\\")
CODES = ("app-1", "z\xfc", "")
PAYLOADS: Sequence[Any] = (
    None,
    {},
    {"x": 5},
    {"x": "5"},
    {"x": "Five", "list": ["a", 2, {"x": True}]},
    {"x": None, "list": []},
    {"x": -1.5, "deep": {"x": [5, "stop"]}},
)
_PATHS = ("$.x", "$.list[0]", "$.deep.x[-1]", "$..x", "$.list[*]", "$.list[?@.x == true]", "$")
_ORDERED = [
    Relation.EQUAL,
    Relation.DIFFERENT,
    Relation.LESS,
    Relation.AT_MOST,
    Relation.GREATER,
    Relation.AT_LEAST,
]

plain = st.one_of(
    st.builds(Contains, text=st.sampled_from([*WORDS, "sto", "none of them"])),
    st.builds(
        ByField,
        field=st.just(ExactField.APPLICATION),
        values=st.sampled_from([*zip(CODES), CODES[:2]]),
    ),
    st.builds(ByField, field=st.just(ExactField.KEYWORD), values=st.tuples(st.sampled_from(WORDS))),
    st.builds(
        ByField, field=st.just(ExactField.SENDER), values=st.sampled_from([("+1",), ("+1", "+2")])
    ),
    st.builds(
        ByField, field=st.just(ExactField.MESSAGE_ID), values=st.sampled_from([("id-1",), ("id",)])
    ),
    st.builds(ByVia, via=st.sampled_from(["pull", "forward"])),
    st.builds(ByFlags, flags=st.integers(1, 15)),
    st.builds(
        ArrivedWithin,
        since=st.sampled_from([None, AT, AT + 1_000]),
        until=st.sampled_from([None, AT + 1_000]),
    ),
    st.builds(ByLag, comparison=st.sampled_from(_ORDERED), lag_ms=st.sampled_from(LAGS)),
)
json_tests = st.builds(
    ByJson,
    path=st.sampled_from(_PATHS),
    comparison=st.sampled_from(Relation),
    value=st.sampled_from(["5", "Five", "a", "2", "true", "null", "-1.5", "stop", "", "4.9"]),
    is_text=st.booleans(),
)  # fmt: skip


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Condition]:
    """Return conditions of these, joined and negated."""
    found: st.SearchStrategy[Condition] = st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(AllOf, conditions=st.lists(inner, max_size=3).map(tuple)),
            st.builds(AnyOf, conditions=st.lists(inner, max_size=3).map(tuple)),
            st.builds(NoneOf, condition=inner),
        ),
        max_leaves=6,
    )
    return found


def is_met(condition: Condition, message: Mapping[str, Any]) -> bool:
    """Return whether a message, given by its columns and its JSON as `json`, meets a condition."""
    match condition:
        case AllOf():
            return all(is_met(one, message) for one in condition.conditions)
        case AnyOf():
            return any(is_met(one, message) for one in condition.conditions)
        case NoneOf():
            return not is_met(condition.condition, message)
        case ByJson():
            return is_found(condition, message["json"])
    return is_true_of(condition, message)


def is_true_of(condition: Condition, message: Mapping[str, Any]) -> bool:
    """Return whether a test of one field passes."""
    found = False
    match condition:
        case Contains():
            names = ("text", "sender", "keyword", "message_id")
            wanted = condition.text.casefold()
            found = any(wanted in message[name].casefold() for name in names)
        case ByField():
            found = message[condition.field.value] in condition.values
        case ByVia():
            found = message["via"] == condition.via
        case ByFlags():
            found = (message["flags"] & condition.flags) != 0
        case ArrivedWithin():
            at = message["arrived_at"]
            found = (condition.since or 0) <= at < (condition.until or at + 1)
        case ByLag() if message["received_at"] is not None:
            lag = message["arrived_at"] - message["received_at"]
            found = compared(lag, condition.comparison, condition.lag_ms)
    return found


def compared(left: Any, comparison: Relation, right: Any) -> bool:
    """Return whether two values of one kind are in this order."""
    found: Mapping[Relation, bool] = {
        Relation.EQUAL: left == right,
        Relation.DIFFERENT: left != right,
        Relation.LESS: left < right,
        Relation.AT_MOST: left <= right,
        Relation.GREATER: left > right,
        Relation.AT_LEAST: left >= right,
    }
    return found[comparison]


def is_found(test: ByJson, document: Any) -> bool:
    """Return whether the values at a path pass a test, by the sentences of the documentation."""
    found = [*at_path(test.path, document)]
    literal = literal_of(test)

    def equal(value: Any) -> bool:
        same_kind = type(value) is type(literal) or (is_number(value) and is_number(literal))
        return (isinstance(value, str) and value == test.value) or (same_kind and value == literal)

    match test.comparison:
        case Relation.EXISTS:
            return found != []
        case Relation.EQUAL:
            return any(map(equal, found))
        case Relation.DIFFERENT:
            return found != [] and not any(map(equal, found))
        case Relation.CONTAINS:
            return any(
                (isinstance(one, str) and test.value.casefold() in one.casefold())
                or (isinstance(one, list) and any(map(equal, one)))
                for one in found
            )
    wanted = literal if is_number(literal) else test.value
    return any(
        compared(one, test.comparison, wanted)
        for one in found
        if is_number(one) == is_number(wanted) and isinstance(one, int | float | str)
        and not isinstance(one, bool)
    )  # fmt: skip


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def literal_of(test: ByJson) -> Any:
    """Return the JSON value that a value without quotes stands for, or the text itself."""
    try:
        found = test.value if test.is_text else json.loads(test.value)
    except ValueError:
        return test.value
    return found if found is None or isinstance(found, bool | int | float) else test.value


def at_path(path: str, document: Any) -> Sequence[Any]:
    """Return the values at one of the paths of `json_tests`."""
    elements = document.get("list", []) if isinstance(document, dict) else []
    inner = document.get("deep") if isinstance(document, dict) else None
    return {
        "$": lambda: [document],
        "$.x": lambda: [document["x"]] if document and "x" in document else [],
        "$.list[0]": lambda: elements[:1],
        "$.list[*]": lambda: elements,
        "$.list[?@.x == true]": lambda: [
            one for one in elements if isinstance(one, dict) and one.get("x") is True
        ],
        "$.deep.x[-1]": lambda: inner["x"][-1:] if inner else [],
        "$..x": lambda: everywhere(document),
    }[path]()


def everywhere(value: Any) -> Sequence[Any]:
    """Return every member x of a document."""
    if isinstance(value, dict):
        own = [value["x"]] if "x" in value else []
        return [*own, *(found for one in value.values() for found in everywhere(one))]
    return [found for one in value for found in everywhere(one)] if isinstance(value, list) else []

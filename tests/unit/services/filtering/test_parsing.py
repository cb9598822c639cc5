"""An expression is read by its grammar, and an error is at its character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.archive import Via
from ibconsole.archive.conditions import Relation
from ibconsole.services.filtering import (
    AllTerms,
    AnyTerm,
    Bound,
    Expression,
    FieldName,
    FieldTerm,
    FilterError,
    FlagTerm,
    JsonTerm,
    LagTerm,
    NegatedTerm,
    TextTerm,
    TimeTerm,
    ViaTerm,
    format_filter,
    parse_filter,
    prepare_json_paths,
)
from ibconsole.services.filtering.parsing import DEEPEST, LONGEST, MOST_TERMS

A, B, C = (TextTerm(text=one) for one in "abc")


def json(comparison: str, value: str = "", *, is_text: bool = False) -> JsonTerm:
    return JsonTerm(path="$.x", comparison=Relation(comparison), value=value, is_text=is_text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("  \t", None),
        ("a", A),
        (" a ", A),
        ("a b", AllTerms(terms=(A, B))),
        ("a AND b", AllTerms(terms=(A, B))),
        ("a and b", AllTerms(terms=(A, TextTerm(text="and"), B))),
        ("a OR b c", AnyTerm(terms=(A, AllTerms(terms=(B, C))))),
        ("(a OR b) c", AllTerms(terms=(AnyTerm(terms=(A, B)), C))),
        ("((a))", A),
        ("a(b)", AllTerms(terms=(A, B))),
        ('a"b c"', AllTerms(terms=(A, TextTerm(text="b c")))),
        ("NOT a b", AllTerms(terms=(NegatedTerm(term=A), B))),
        ("-a", NegatedTerm(term=A)),
        ("-(a OR b)", NegatedTerm(term=AnyTerm(terms=(A, B)))),
        ("--a", NegatedTerm(term=NegatedTerm(term=A))),
        ("a - b", AllTerms(terms=(A, TextTerm(text="-"), B))),
        ("a-b", TextTerm(text="a-b")),
        ("12:30", TextTerm(text="12:30")),
        ("https://x.example/y", TextTerm(text="https://x.example/y")),
        ('"app:x"', TextTerm(text="app:x")),
        ('app:"My shop"', FieldTerm(field=FieldName.APPLICATION, value="My shop")),
        ("app:1a2b\u2026wxyz", FieldTerm(field=FieldName.APPLICATION, value="1a2b\u2026wxyz")),
        ("from:+385", FieldTerm(field=FieldName.SENDER, value="+385")),
        ("keyword:a:b", FieldTerm(field=FieldName.KEYWORD, value="a:b")),
        ("id:1", FieldTerm(field=FieldName.MESSAGE_ID, value="1")),
        ("via:pull", ViaTerm(via=Via.PULL)),
        ("-flag:not-a-message", NegatedTerm(term=FlagTerm(flag="not-a-message"))),
        ("since:2h", TimeTerm(bound=Bound.SINCE, time="2h")),
        ('until:"2026-11-01 12:00"', TimeTerm(bound=Bound.UNTIL, time="2026-11-01 12:00")),
        ("lag:>10m", LagTerm(comparison=Relation.GREATER, lag_ms=600_000)),
        ("lag:<=1.5", LagTerm(comparison=Relation.AT_MOST, lag_ms=1_500)),
        ("json:$.x", json("exists")),
        ("json:$.x exists", json("exists")),
        ("json:$.x existsx", AllTerms(terms=(json("exists"), TextTerm(text="existsx")))),
        ("json:$.x a", AllTerms(terms=(json("exists"), A))),
        ("json:$.x=5", json("=", "5")),
        ("json:$.x == 5", json("=", "5")),
        ('json:$.x="5"', json("=", "5", is_text=True)),
        ("json:$.x!=a", json("!=", "a", is_text=True)),
        ('json:$.x contains "a b"', json("contains", "a b", is_text=True)),
        ('json:$.x=""', json("=", "", is_text=True)),
        ("(json:$.x)", json("exists")),
    ],
)
def test_expressions(text: str, expected: Expression | None) -> None:
    """Juxtaposition is AND, which binds closer than OR; operators are upper-case."""
    assert parse_filter(text) == expected


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("a AND", 5, "Expected a word"),
        ("a OR OR b", 5, "before OR"),
        ("AND a", 0, "before AND"),
        ("NOT", 3, "Expected a word"),
        ("()", 1, r"before \)"),
        ("(a b", 0, r"expected \)"),
        ("a) b", 1, "No parenthesis"),
        ('a "b', 2, "not closed"),
        ('a ""', 2, "empty"),
        ("a form:b", 2, "no field form"),
        ("app:", 4, "a value after app:"),
        ('app:""', 4, "a value after app:"),
        ("app: x", 4, "a value after app:"),
        ("via:pul", 4, "pull or forward"),
        ("flag:odd", 5, "duplicate or salvaged or unusual or not-a-message"),
        ("since:yesterday", 6, "an age such as"),
        ("lag:10m", 4, "a comparison"),
        ("lag:>soon", 4, "a comparison"),
        ("json:", 5, "a path"),
        ("json:x", 5, "begins with"),
        ("json:$.a..b..c", 11, "once only"),
        ("json:$.a[?@.b", 8, "not closed"),
        ("json:$.a=", 9, "a value after ="),
        ("json:$.a contains", 17, "a value after contains"),
    ],
)
def test_errors(text: str, position: int, words: str) -> None:
    """An error says at which character what is expected."""
    with pytest.raises(FilterError, match=words) as caught:
        parse_filter(text)

    assert caught.value.position == position
    assert str(caught.value).endswith(".")


def test_bounds() -> None:
    """A filter is bounded in length, terms and depth, and so is the time that it takes."""
    for text in (
        "x" * (LONGEST + 1),
        "a " * (MOST_TERMS + 1),
        "(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1),
        "-" * (DEEPEST + 1) + "a",
    ):
        with pytest.raises(FilterError, match="at most"):
            parse_filter(text)
    assert parse_filter("(" * DEEPEST + "a" + ")" * DEEPEST) == A
    assert parse_filter("a " * MOST_TERMS)


PIECES = [
    "app:", "json:$", ".x", "AND", "OR", "NOT", " ", "(", ")", '"', "\\", "-", "word", "[", "]",
    "'", "..", "since:", "2h", "lag:", ">", "10m", "flag:", "contains", "=", "?@", "\u2026", "\0",
]  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_any_text(text: str) -> None:
    """Any text is an expression, which can be written, or an error at a character of it."""
    refused_at, expression = 0, None
    try:
        expression = parse_filter(text)
    except FilterError as error:
        refused_at = error.position

    assert 0 <= refused_at <= len(text)
    assert parse_filter(format_filter(expression)) == expression


def test_paths_are_prepared() -> None:
    """The library that reads paths can be imported ahead."""
    prepare_json_paths()

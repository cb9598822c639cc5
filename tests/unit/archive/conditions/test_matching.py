"""A condition is compared with one message as it is by SQL (see `searching`)."""

import pytest

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
    code_spellings,
    matches,
)
from ibconsole.archive.rows import MessageValues

MESSAGE = MessageValues(
    1, 1, "pull", "zu\u0308", "+385", "STOP", "Stra\xdfe", 1_000, 61_000, 1, None, 0, "id-1", None,
    b'{"x": 5}', None, None,
)  # fmt: skip
TRUE = Contains(text="STRASSE")
FALSE = ByVia(via="forward")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (TRUE, True),
        (FALSE, False),
        (Contains(text="d-1"), True),
        (AllOf(conditions=(TRUE, FALSE)), False),
        (AnyOf(conditions=(TRUE, FALSE)), True),
        (NoneOf(condition=FALSE), True),
        (AllOf(conditions=()), True),
        (AnyOf(conditions=()), False),
        (ByField(field=ExactField.APPLICATION, values=("none", "z\xfc")), True),
        (ByField(field=ExactField.SENDER, values=("+38",)), False),
        (ByField(field=ExactField.KEYWORD, values=("stop",)), False),
        (ByField(field=ExactField.MESSAGE_ID, values=("id-1",)), True),
        (ByFlags(flags=3), True),
        (ByFlags(flags=2), False),
        (ArrivedWithin(since=61_000, until=61_001), True),
        (ArrivedWithin(until=61_000), False),
        (ArrivedWithin(), True),
        (ByLag(comparison=Relation.AT_LEAST, lag_ms=60_000), True),
        (ByLag(comparison=Relation.LESS, lag_ms=60_000), False),
        (ByJson(path="$.x", comparison=Relation.LESS, value="6"), True),
    ],
)
def test_conditions(condition: Condition, expected: bool) -> None:
    assert matches(condition, MESSAGE) is expected


@pytest.mark.parametrize("comparison", [one for one in Relation if one.value[0] in "=!<>"])
def test_lag_without_a_time_of_receipt(comparison: Relation) -> None:
    """A lag that is not known passes no comparison."""
    unknown = MESSAGE._replace(received_at=None)

    assert not matches(ByLag(comparison=comparison, lag_ms=0), unknown)
    assert matches(NoneOf(condition=ByLag(comparison=comparison, lag_ms=0)), unknown)


def test_spellings_of_codes() -> None:
    """A code of ASCII characters has one spelling."""
    assert code_spellings("app") == ("app",)
    assert code_spellings("z\xfc") == ("z\xfc", "z\xfc", "zu\u0308")


def test_what_is_no_condition() -> None:
    with pytest.raises(TypeError):
        matches("text", MESSAGE)  # type: ignore[arg-type]  # no condition at all

"""An expression becomes a filter whose own fields say as much as they can."""

from datetime import UTC, datetime

import pytest

from ibconsole.archive import Filter, Flags, Via
from ibconsole.archive.conditions import (
    AllOf,
    AnyOf,
    ArrivedWithin,
    ByField,
    ByFlags,
    ByJson,
    ByLag,
    ByVia,
    Contains,
    ExactField,
    NoneOf,
    Relation,
)
from ibconsole.services.filtering import NoSuchMaskedCode, parse_filter, to_criteria

NOW = datetime(2026, 11, 30, tzinfo=UTC)
HOUR = 3_600_000
AT = int(NOW.timestamp() * 1000)
CODES = {
    "1a2b-0000-0000-wxyz": "Shop",
    "1a2b-1111-1111-wxyz": "Bank",
    "9876543210abcdef": "shop",
}


def criteria(text: str, base: Filter | None = None) -> Filter:
    return to_criteria(parse_filter(text), CODES, base or Filter(), NOW)


def app(*codes: str) -> ByField:
    return ByField(field=ExactField.APPLICATION, values=codes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Filter()),
        ("stop", Filter(text="stop")),
        ('"two words"', Filter(text="two words")),
        (
            "a longest b",
            Filter(
                text="longest",
                condition=AllOf(conditions=(Contains(text="a"), Contains(text="b"))),
            ),
        ),
        ("via:pull flag:duplicate", Filter(via=Via.PULL, flags=Flags.DUPLICATE)),
        (
            "flag:duplicate flag:unusual",
            Filter(flags=Flags.DUPLICATE, condition=ByFlags(flags=Flags.ODD)),
        ),
        ("via:pull via:forward", Filter(via=Via.PULL, condition=ByVia(via="forward"))),
        ("from:+1 keyword:STOP", Filter(sender="+1", keyword="STOP")),
        ("id:x", Filter(condition=ByField(field=ExactField.MESSAGE_ID, values=("x",)))),
        ("since:2h until:1h since:3h", Filter(since=AT - 2 * HOUR, until=AT - HOUR)),
        ("app:9876543210abcdef", Filter(application="9876543210abcdef")),
        ("app:unknown", Filter(application="unknown")),
        ("app:bank", Filter(application="1a2b-1111-1111-wxyz")),
        ("app:9876...cdef", Filter(application="9876543210abcdef")),
        ("app:SHOP", Filter(condition=app("1a2b-0000-0000-wxyz", "9876543210abcdef"))),
        ("app:1a2b\u2026wxyz", Filter(condition=app("1a2b-0000-0000-wxyz", "1a2b-1111-1111-wxyz"))),
        ("-stop", Filter(condition=NoneOf(condition=Contains(text="stop")))),
        (
            "a OR b OR since:2h",
            Filter(
                condition=AnyOf(
                    conditions=(
                        Contains(text="a"), Contains(text="b"), ArrivedWithin(since=AT - 2 * HOUR)
                    )
                )
            ),
        ),
        ("((stop) (via:pull))", Filter(text="stop", via=Via.PULL)),
        (
            "lag:>10m until:1h",
            Filter(until=AT - HOUR, condition=ByLag(comparison=Relation.GREATER, lag_ms=600_000)),
        ),
        (
            "json:$.x=5",
            Filter(condition=ByJson(path="$.x", comparison=Relation.EQUAL, value="5")),
        ),
    ],
)  # fmt: skip
def test_criteria(text: str, expected: Filter) -> None:
    """What a field of the filter can say is said there, so that indexes serve."""
    assert criteria(text) == expected


def test_in_addition_to_others() -> None:
    """What is typed is asked for in addition to what the controls ask for."""
    base = Filter(
        text="x", via=Via.PULL, application="a", since=AT, condition=ByFlags(flags=1), keyword="K"
    )
    found = criteria("y via:forward app:b since:1h keyword:K", base)

    assert (found.text, found.via, found.application, found.since) == ("x", Via.PULL, "a", AT)
    assert found.condition == AllOf(
        conditions=(
            ByFlags(flags=1),
            Contains(text="y"),
            ByVia(via="forward"),
            app("b"),
            ByField(field=ExactField.KEYWORD, values=("K",)),
        )
    )
    assert to_criteria(None, {}, base) == base


def test_an_unknown_masked_code() -> None:
    """A mask of no application cannot be searched for."""
    with pytest.raises(NoSuchMaskedCode, match=r"masked code none\u2026here"):
        criteria("app:none...here")


def test_what_is_no_expression() -> None:
    with pytest.raises(TypeError):
        to_criteria("text", {})  # type: ignore[arg-type]  # no expression at all

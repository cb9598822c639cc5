"""The first highlight rule that a message matches gives its row a colour."""

import pytest

from ibconsole.archive.conditions import matches
from ibconsole.archive.rows import MessageValues
from ibconsole.services.connections import HighlightRule
from ibconsole.services.filtering import parse_filter, to_condition
from ibconsole.services.list_display.highlights import HighlightColour, Highlighter, colour_of

MESSAGE = MessageValues(
    1, 1, "pull", "code-1", "+385", "STOP", "please stop", 1_000, 61_000, 1, None, 0, "id-1", None,
    b'{"x": 5}', None, None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), -1),
        (("nothing", "via:forward"), -1),
        (("via:forward", "keyword:STOP", "stop"), 1),
        (("json:$.x>4 lag:>=60", "stop"), 0),
        (("app:Shop",), 0),
        (("via:nonsense", "  ", "flag:duplicate"), 2),
    ],
)
def test_the_first_match_wins(texts: tuple[str, ...], expected: int) -> None:
    """Rules are compared in their order; one that is not understood matches nothing."""
    rules = [HighlightRule(text, "ok") for text in texts]

    assert Highlighter(rules, {"code-1": "Shop"}).first_match(MESSAGE) == expected


def test_a_rule_that_is_not_understood() -> None:
    """The error of a rule is there to be shown, whatever is wrong with it."""
    rules = [
        HighlightRule("stop", "ok"),
        HighlightRule("via:x", "ok"),
        HighlightRule("app:1…2", "ok"),
    ]

    assert [*Highlighter(rules, {}).problems] == [1, 2]


def test_conditions_for_single_messages() -> None:
    """An expression as one condition has all of its terms, also those with fields of a filter."""
    expression = parse_filter("stop via:pull flag:duplicate since:1970-01-01T00:00Z")
    assert expression

    assert matches(to_condition(expression, {}), MESSAGE)
    assert not matches(to_condition(expression, {}), MESSAGE._replace(via="forward"))


def test_colours() -> None:
    """A colour of a newer program is shown as neutral; a rule without a name is its filter."""
    assert colour_of(HighlightRule("x", "danger")) is HighlightColour.DANGER
    assert colour_of(HighlightRule("x", "purple")) is HighlightColour.NEUTRAL
    assert [HighlightRule("x", "ok").label, HighlightRule("x", "ok", "N").label] == ["x", "N"]

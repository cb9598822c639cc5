import pytest
from msgspec.structs import replace

from ibconsole.services.answer_files import (
    PRESETS,
    AnswerEnd,
    AnswerRule,
    HeaderCondition,
    RequestNumbers,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
)
from ibconsole.ui.answers.rule_fields import RuleFields, fields_of, rule_of

FULL = AnswerRule(
    "all",
    RuleCondition(
        path="/in*",
        application="CODE",
        keyword="STOP",
        text="help me",
        header=HeaderCondition("User-Agent", "curl*"),
        share=0.2,
        numbers=RequestNumbers(2, 9, 3),
        window=TimeWindow(60.0, 600.0, 1_796_025_600_000, 1_796_029_200_500),
    ),
    RuleAnswer(
        503,
        (("Retry-After", "60"), ("A", "b: c")),
        "down\n",
        0.5,
        AnswerEnd.HANG,
        90.0,
    ),
)
WRONG_LENGTH = AnswerRule("w", answer=RuleAnswer(end=AnswerEnd.WRONG_LENGTH, declared_length=7))


@pytest.mark.parametrize("rule", [FULL, WRONG_LENGTH, AnswerRule("x"), PRESETS["slow"].rules[0]])
def test_a_rule_comes_back_from_its_texts(rule: AnswerRule) -> None:
    """What the form shows is what the rule says."""
    assert rule_of(fields_of(rule)) == (rule, {})


def test_texts_are_short() -> None:
    """Defaults are empty fields, and units are those that people write."""
    fields = fields_of(FULL)

    assert (fields.share, fields.delay, fields.duration) == ("20 %", "500 ms", "90 s")
    assert fields_of(AnswerRule("x")) == RuleFields("x", status="200")


def test_texts_that_say_nothing_have_a_sentence() -> None:
    """A field that cannot be read has its default, and a sentence for the place below it."""
    fields = RuleFields(
        name=" r ",
        header_value="x",
        share="half",
        first="-1",
        every="1.5",
        before="soon",
        since="yesterday",
        status="ok",
        headers="A: b\n\nno header",
        delay="-2",
        declared_length="x" * 99,
    )

    rule, problems = rule_of(fields)

    assert rule == AnswerRule("r")
    assert set(problems) == {
        *("header_name", "share", "first", "every", "before", "since"),
        *("status", "headers", "delay", "declared_length"),
    }
    assert problems["headers"] == "Line 3 has no colon: a header is written Name: value."
    assert problems["share"] == "A share is a number such as 0.2, or 20 %."


def test_shares_as_numbers_or_percentages() -> None:
    """Both forms are understood."""
    assert rule_of(RuleFields("r", share="0.25"))[0].when.share == 0.25
    assert rule_of(RuleFields("r", share="25%"))[0].when.share == 0.25
    assert rule_of(replace(fields_of(FULL), share=""))[0].when.share == 1

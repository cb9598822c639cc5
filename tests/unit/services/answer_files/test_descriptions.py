import pytest

from ibconsole.listener.answers import HeaderCondition, RequestNumbers, RuleCondition, TimeWindow
from ibconsole.services.answer_files import describe_condition


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (RuleCondition(), "every request"),
        (
            RuleCondition(path="/in*", application="ABCD-1234-5678-WXYZ", keyword="STOP", text="a"),
            "path /in*, application ABCD…WXYZ, keyword STOP, text has “a”",
        ),
        (RuleCondition(header=HeaderCondition("X-A"), share=0.07), "header X-A, 7 %"),
        (RuleCondition(header=HeaderCondition("X-A", "b*"), share=0.0), "header X-A: b*, 0 %"),
        (RuleCondition(numbers=RequestNumbers(3, 3)), "request 3"),
        (RuleCondition(numbers=RequestNumbers(2)), "requests from 2"),
        (RuleCondition(numbers=RequestNumbers(1, 5)), "requests 1 to 5"),
        (RuleCondition(numbers=RequestNumbers(every=2)), "every 2nd request"),
        (RuleCondition(numbers=RequestNumbers(5, 9, 11)), "every 11th request from 5 to 9"),
        (RuleCondition(window=TimeWindow(before=600.0)), "in the first 10 min"),
        (RuleCondition(window=TimeWindow(after=90.0)), "after 90 s"),
        (RuleCondition(window=TimeWindow(60.0, 120.0)), "from 1 min to 2 min"),
        (
            RuleCondition(window=TimeWindow(since=1_796_025_600_000, until=1_796_025_660_000)),
            "since 2026-11-30 08:00:00 UTC, until 2026-11-30 08:01:00 UTC",
        ),
    ],
)
def test_conditions_in_words(when: RuleCondition, words: str) -> None:
    """A table says what a rule is about; application codes stay masked."""
    assert describe_condition(when) == words

"""Answer rules: what the listener says on purpose instead of the usual 200.

Values, the rules that they obey themselves, presets, matching of requests, and templates. What a
rule says never decides whether a request is stored: that was done before.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.listener.answers.checking import (
        InvalidScenario,
        ScenarioProblem,
        check_scenario,
        require_valid,
    )
    from ibconsole.listener.answers.matching import MatchedRequest, RuleChoice, ScenarioMatcher
    from ibconsole.listener.answers.presets import PRESETS
    from ibconsole.listener.answers.running import ActiveScenario, response_to
    from ibconsole.listener.answers.templates import FIELDS
    from ibconsole.listener.answers.values import (
        AnswerRule,
        AnswerScenario,
        HeaderCondition,
        RequestNumbers,
        RuleAnswer,
        RuleCondition,
        TimeWindow,
        describe_answer,
        retries_expected,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "checking": "InvalidScenario ScenarioProblem check_scenario require_valid",
            "matching": "MatchedRequest RuleChoice ScenarioMatcher",
            "presets": "PRESETS",
            "running": "ActiveScenario response_to",
            "templates": "FIELDS",
            "values": (
                "AnswerRule AnswerScenario HeaderCondition RequestNumbers RuleAnswer "
                "RuleCondition TimeWindow describe_answer retries_expected"
            ),
        },
    )

__all__ = [
    "FIELDS",
    "PRESETS",
    "ActiveScenario",
    "AnswerRule",
    "AnswerScenario",
    "HeaderCondition",
    "InvalidScenario",
    "MatchedRequest",
    "RequestNumbers",
    "RuleAnswer",
    "RuleChoice",
    "RuleCondition",
    "ScenarioMatcher",
    "ScenarioProblem",
    "TimeWindow",
    "check_scenario",
    "describe_answer",
    "require_valid",
    "response_to",
    "retries_expected",
]

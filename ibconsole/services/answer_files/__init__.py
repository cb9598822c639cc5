"""Scenarios of answers as files: a format of YAML and JSON that people write and share.

A pure format: nothing here listens. The values are those of the listener, with its bounds; they
are offered here as well, for the window.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.listener.answers import (
        FIELDS,
        PRESETS,
        AnswerRule,
        AnswerScenario,
        HeaderCondition,
        InvalidScenario,
        RequestNumbers,
        RuleAnswer,
        RuleCondition,
        ScenarioProblem,
        TimeWindow,
        check_scenario,
        describe_answer,
        retries_expected,
    )
    from ibconsole.model import AnswerEnd
    from ibconsole.services.answer_files.descriptions import describe_condition, format_share
    from ibconsole.services.answer_files.reading import LARGEST, read_answer_file
    from ibconsole.services.answer_files.repetition import borrows_from_customer, repetition_warning
    from ibconsole.services.answer_files.writing import write_answer_file
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "ibconsole.model": "AnswerEnd",
            "ibconsole.listener.answers": (
                "FIELDS PRESETS AnswerRule AnswerScenario HeaderCondition InvalidScenario "
                "RequestNumbers RuleAnswer RuleCondition ScenarioProblem TimeWindow check_scenario "
                "describe_answer retries_expected"
            ),
            "descriptions": "describe_condition format_share",
            "reading": "LARGEST read_answer_file",
            "repetition": "borrows_from_customer repetition_warning",
            "writing": "write_answer_file",
        },
    )

__all__ = [
    "FIELDS",
    "LARGEST",
    "PRESETS",
    "AnswerEnd",
    "AnswerRule",
    "AnswerScenario",
    "HeaderCondition",
    "InvalidScenario",
    "RequestNumbers",
    "RuleAnswer",
    "RuleCondition",
    "ScenarioProblem",
    "TimeWindow",
    "borrows_from_customer",
    "check_scenario",
    "describe_answer",
    "describe_condition",
    "format_share",
    "read_answer_file",
    "repetition_warning",
    "retries_expected",
    "write_answer_file",
]

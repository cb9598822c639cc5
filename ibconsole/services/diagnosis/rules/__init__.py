"""The rules of the diagnosis: pure functions from facts to findings, one file for each group."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.diagnosis.rules.all_rules import RULES, Rule, diagnose
    from ibconsole.services.diagnosis.rules.answers import SLOW
    from ibconsole.services.diagnosis.rules.facts import (
        AccountFacts,
        AnswerFacts,
        ApplicationFacts,
        ArrivalFacts,
        ConfigurationFacts,
        ConsoleFacts,
        DriftFacts,
        EndpointFacts,
        Facts,
        PullFacts,
        PullRecord,
        ReadingProblem,
        RefusedForwards,
        Trouble,
    )
    from ibconsole.services.diagnosis.rules.index import FactsIndex
    from ibconsole.services.diagnosis.rules.network import EXPIRES_SOON
    from ibconsole.services.diagnosis.rules.pulling import WARN_AFTER
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "answers": "SLOW",
            "all_rules": "RULES Rule diagnose",
            "facts": (
                "AccountFacts AnswerFacts ApplicationFacts ArrivalFacts ConfigurationFacts "
                "ConsoleFacts DriftFacts EndpointFacts Facts PullFacts PullRecord ReadingProblem "
                "RefusedForwards Trouble"
            ),
            "index": "FactsIndex",
            "network": "EXPIRES_SOON",
            "pulling": "WARN_AFTER",
        },
    )

__all__ = [
    "EXPIRES_SOON",
    "RULES",
    "SLOW",
    "WARN_AFTER",
    "AccountFacts",
    "AnswerFacts",
    "ApplicationFacts",
    "ArrivalFacts",
    "ConfigurationFacts",
    "ConsoleFacts",
    "DriftFacts",
    "EndpointFacts",
    "Facts",
    "FactsIndex",
    "PullFacts",
    "PullRecord",
    "ReadingProblem",
    "RefusedForwards",
    "Rule",
    "Trouble",
    "diagnose",
]

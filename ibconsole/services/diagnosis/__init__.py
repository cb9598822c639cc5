"""The diagnosis: why does nothing arrive? Findings with stable numbers, from facts alone.

Nothing here pulls, and nothing posts to an endpoint unless the user asked for it.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.diagnosis.accounts import (
        AccountToDiagnose,
        Diagnosed,
        DiagnosisOptions,
        NoSuchApplication,
        diagnose_account,
        diagnose_accounts,
        find_application,
        look_up_application,
        match_applications,
        to_connection,
    )
    from ibconsole.services.diagnosis.catalogue import (
        GROUPS,
        Basis,
        Confidence,
        Definition,
        Evidence,
        Finding,
        Level,
        Subject,
        WindowCommand,
        all_definitions,
        definition_of,
        find_definition,
        index_page,
        name_of,
        number_of,
        page_name,
        page_of,
    )
    from ibconsole.services.diagnosis.clock_comparison import ClockComparison
    from ibconsole.services.diagnosis.collecting import Collector, Surroundings
    from ibconsole.services.diagnosis.decision_tree import TreeQuestion, TreeReply, TreeStep, walk
    from ibconsole.services.diagnosis.diagnostics import ApplicationDiagnosis, Diagnostics
    from ibconsole.services.diagnosis.endpoints import Look, posting_look, probe
    from ibconsole.services.diagnosis.health import Health, HealthReport, HealthState
    from ibconsole.services.diagnosis.health_cache import (
        ApplicationHealth,
        HealthCache,
        forget_health,
    )
    from ibconsole.services.diagnosis.json_document import json_schema
    from ibconsole.services.diagnosis.muting import (
        MutedFinding,
        Mutes,
        NotMuted,
        SortedFindings,
        scope_of,
        sort_out,
    )
    from ibconsole.services.diagnosis.outputs import AccountDiagnosis, Report
    from ibconsole.services.diagnosis.recorded_facts import RecordedFacts
    from ibconsole.services.diagnosis.rules import Facts, ReadingProblem, diagnose
    from ibconsole.services.diagnosis.setup_reading import reading_problem
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "accounts": (
                "AccountToDiagnose Diagnosed DiagnosisOptions NoSuchApplication diagnose_account "
                "diagnose_accounts find_application look_up_application "
                "match_applications to_connection"
            ),
            "catalogue": (
                "GROUPS Basis Confidence Definition Evidence Finding Level Subject WindowCommand "
                "all_definitions definition_of find_definition index_page name_of number_of "
                "page_name page_of"
            ),
            "collecting": "Collector Surroundings",
            "decision_tree": "TreeQuestion TreeReply TreeStep walk",
            "diagnostics": "ApplicationDiagnosis Diagnostics",
            "endpoints": "Look posting_look probe",
            "health": "Health HealthReport HealthState",
            "health_cache": "ApplicationHealth HealthCache forget_health",
            "json_document": "json_schema",
            "muting": "MutedFinding Mutes NotMuted SortedFindings scope_of sort_out",
            "outputs": "AccountDiagnosis Report",
            "recorded_facts": "RecordedFacts",
            "rules": "Facts ReadingProblem diagnose",
            "clock_comparison": "ClockComparison",
            "setup_reading": "reading_problem",
        },
    )

__all__ = [
    "GROUPS",
    "AccountDiagnosis",
    "AccountToDiagnose",
    "ApplicationDiagnosis",
    "ApplicationHealth",
    "Basis",
    "ClockComparison",
    "Collector",
    "Confidence",
    "Definition",
    "Diagnosed",
    "DiagnosisOptions",
    "Diagnostics",
    "Evidence",
    "Facts",
    "Finding",
    "Health",
    "HealthCache",
    "HealthReport",
    "HealthState",
    "Level",
    "Look",
    "MutedFinding",
    "Mutes",
    "NoSuchApplication",
    "NotMuted",
    "ReadingProblem",
    "RecordedFacts",
    "Report",
    "SortedFindings",
    "Subject",
    "Surroundings",
    "TreeQuestion",
    "TreeReply",
    "TreeStep",
    "WindowCommand",
    "all_definitions",
    "definition_of",
    "diagnose",
    "diagnose_account",
    "diagnose_accounts",
    "find_application",
    "find_definition",
    "forget_health",
    "index_page",
    "json_schema",
    "look_up_application",
    "match_applications",
    "name_of",
    "number_of",
    "page_name",
    "page_of",
    "posting_look",
    "probe",
    "reading_problem",
    "scope_of",
    "sort_out",
    "to_connection",
    "walk",
]

"""Cases that run: a simulated platform and endpoints that answer as they did for a customer.

Loads the simulator. Nothing here contacts anything beyond this computer.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.evidence.case_runs.case_findings import CaseFindings, find_again
    from ibconsole.services.evidence.case_runs.case_run import (
        CaseRun,
        CaseSource,
        open_case,
        run_case,
    )
    from ibconsole.services.evidence.case_runs.offline import without_network
    from ibconsole.services.evidence.case_runs.opening import find_case
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "case_findings": "CaseFindings find_again",
            "case_run": "CaseRun CaseSource open_case run_case",
            "offline": "without_network",
            "opening": "find_case",
        },
    )

__all__ = [
    "CaseFindings",
    "CaseRun",
    "CaseSource",
    "find_again",
    "find_case",
    "open_case",
    "run_case",
    "without_network",
]

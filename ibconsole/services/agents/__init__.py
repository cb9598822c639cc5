"""Tools with which an agent reads setups, findings, messages and timelines; none of them acts.

`protocol.py` alone knows the Model Context Protocol. Everything that is answered is redacted,
bounded and scanned for secrets.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.agents.access import OfferedConnections
    from ibconsole.services.agents.case_tools import CaseTools
    from ibconsole.services.agents.finding_tools import DiagnosisSources, FindingTools
    from ibconsole.services.agents.protocol import serve
    from ibconsole.services.agents.record_tools import RecordTools
    from ibconsole.services.agents.records import AgentRecords
    from ibconsole.services.agents.redacting import AgentRedaction
    from ibconsole.services.agents.setup_tools import SetupTools
    from ibconsole.services.agents.tools import ToolBox
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "access": "OfferedConnections",
            "case_tools": "CaseTools",
            "finding_tools": "DiagnosisSources FindingTools",
            "protocol": "serve",
            "record_tools": "RecordTools",
            "records": "AgentRecords",
            "redacting": "AgentRedaction",
            "setup_tools": "SetupTools",
            "tools": "ToolBox",
        },
    )

__all__ = [
    "AgentRecords",
    "AgentRedaction",
    "CaseTools",
    "DiagnosisSources",
    "FindingTools",
    "OfferedConnections",
    "RecordTools",
    "SetupTools",
    "ToolBox",
    "serve",
]

"""The catalogue of findings: the values that describe one, and the explanation of each number.

A number is never used for something else, and one that is retired stays listed.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.diagnosis.catalogue.catalogue import (
        GROUPS,
        all_definitions,
        definition_of,
        find_definition,
        index_page,
        page_name,
        page_of,
    )
    from ibconsole.services.diagnosis.catalogue.definition import (
        Definition,
        FindingGroup,
        WindowCommand,
    )
    from ibconsole.services.diagnosis.catalogue.finding import (
        Basis,
        Confidence,
        Evidence,
        Finding,
        Level,
        Subject,
        fingerprint,
        name_of,
        number_of,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "catalogue": (
                "GROUPS all_definitions definition_of find_definition index_page page_name page_of"
            ),
            "definition": "Definition FindingGroup WindowCommand",
            "finding": (
                "Basis Confidence Evidence Finding Level Subject fingerprint name_of number_of"
            ),
        },
    )

__all__ = [
    "GROUPS",
    "Basis",
    "Confidence",
    "Definition",
    "Evidence",
    "Finding",
    "FindingGroup",
    "Level",
    "Subject",
    "WindowCommand",
    "all_definitions",
    "definition_of",
    "find_definition",
    "fingerprint",
    "index_page",
    "name_of",
    "number_of",
    "page_name",
    "page_of",
]

"""Conditions on messages beyond a filter's own fields: and, or, not, lag, and values in their JSON.

`searching` has them as SQL, `matching` compares one message. The only package that knows
python-jsonpath, which it imports for paths that need it.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.conditions.json_paths import (
        LONGEST_PATH,
        InvalidJsonPath,
        check_json_path,
    )
    from ibconsole.archive.conditions.json_tests import (
        LARGEST_JSON,
        is_json_match,
        json_test,
        json_values,
        may_lead_somewhere,
        read_json,
    )
    from ibconsole.archive.conditions.matching import (
        ComparedMessage,
        code_spellings,
        matches,
    )
    from ibconsole.archive.conditions.values import (
        AllOf,
        AnyOf,
        ArrivedWithin,
        ByField,
        ByFlags,
        ByJson,
        ByLag,
        ByVia,
        Condition,
        Contains,
        ExactField,
        NoneOf,
        Relation,
        reads_json,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "json_paths": "LONGEST_PATH InvalidJsonPath check_json_path",
            "json_tests": (
                "LARGEST_JSON is_json_match json_test json_values may_lead_somewhere read_json"
            ),
            "matching": "ComparedMessage code_spellings matches",
            "values": (
                "AllOf AnyOf ArrivedWithin ByField ByFlags ByJson ByLag ByVia Relation Condition"
                " Contains ExactField NoneOf reads_json"
            ),
        },
    )

__all__ = [
    "LARGEST_JSON",
    "LONGEST_PATH",
    "AllOf",
    "AnyOf",
    "ArrivedWithin",
    "ByField",
    "ByFlags",
    "ByJson",
    "ByLag",
    "ByVia",
    "ComparedMessage",
    "Condition",
    "Contains",
    "ExactField",
    "InvalidJsonPath",
    "NoneOf",
    "Relation",
    "check_json_path",
    "code_spellings",
    "is_json_match",
    "json_test",
    "json_values",
    "matches",
    "may_lead_somewhere",
    "read_json",
    "reads_json",
]

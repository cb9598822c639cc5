"""The filter language: words and fields that are typed to find messages, see docs/filters.md.

`parse_filter` reads an expression, `format_filter` writes it, `to_criteria` makes the filter of an
archive of it, and `complete_filter` offers what may be typed next: these are pure. `SavedFilters`
are in the settings file.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.filtering.completion import (
        Candidate,
        FilterCompletion,
        KnownValues,
        complete_filter,
    )
    from ibconsole.services.filtering.expression import (
        AllTerms,
        AnyTerm,
        Bound,
        Expression,
        FieldName,
        FieldTerm,
        FlagTerm,
        JsonTerm,
        LagTerm,
        NegatedTerm,
        TextTerm,
        TimeTerm,
        ViaTerm,
    )
    from ibconsole.services.filtering.formatting import format_filter
    from ibconsole.services.filtering.parsing import parse_filter, prepare_json_paths
    from ibconsole.services.filtering.saved import SavedFilters
    from ibconsole.services.filtering.scanning import FilterError
    from ibconsole.services.filtering.translation import (
        NoSuchMaskedCode,
        to_condition,
        to_criteria,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "completion": "Candidate FilterCompletion KnownValues complete_filter",
            "expression": (
                "AllTerms AnyTerm Bound Expression FieldName FieldTerm FlagTerm JsonTerm LagTerm"
                " NegatedTerm TextTerm TimeTerm ViaTerm"
            ),
            "formatting": "format_filter",
            "parsing": "parse_filter prepare_json_paths",
            "saved": "SavedFilters",
            "scanning": "FilterError",
            "translation": "NoSuchMaskedCode to_condition to_criteria",
        },
    )

__all__ = [
    "AllTerms",
    "AnyTerm",
    "Bound",
    "Candidate",
    "Expression",
    "FieldName",
    "FieldTerm",
    "FilterCompletion",
    "FilterError",
    "FlagTerm",
    "JsonTerm",
    "KnownValues",
    "LagTerm",
    "NegatedTerm",
    "NoSuchMaskedCode",
    "SavedFilters",
    "TextTerm",
    "TimeTerm",
    "ViaTerm",
    "complete_filter",
    "format_filter",
    "parse_filter",
    "prepare_json_paths",
    "to_condition",
    "to_criteria",
]

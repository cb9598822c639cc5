"""Columns from JSON paths and highlighted rows, which a list of messages shows beyond its fields.

Both are computed page by page on the threads that read messages, within bounds: docs/columns.md.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.list_display.choices import (
        MOST_COLUMNS,
        MOST_RULES,
        SavedChoices,
        check_columns,
        check_rules,
    )
    from ibconsole.services.list_display.highlights import HighlightColour, Highlighter, colour_of
    from ibconsole.services.list_display.json_columns import (
        ColumnReader,
        InvalidColumn,
        check_column,
        paths_in,
        read_column,
        suggested_name,
    )
    from ibconsole.services.list_display.row_extras import (
        DisplayRequest,
        RowExtras,
        extras_of,
        masked,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "choices": "MOST_COLUMNS MOST_RULES SavedChoices check_columns check_rules",
            "highlights": "HighlightColour Highlighter colour_of",
            "json_columns": (
                "ColumnReader InvalidColumn check_column paths_in read_column suggested_name"
            ),
            "row_extras": "DisplayRequest RowExtras extras_of masked",
        },
    )

__all__ = [
    "MOST_COLUMNS",
    "MOST_RULES",
    "ColumnReader",
    "DisplayRequest",
    "HighlightColour",
    "Highlighter",
    "InvalidColumn",
    "RowExtras",
    "SavedChoices",
    "check_column",
    "check_columns",
    "check_rules",
    "colour_of",
    "extras_of",
    "masked",
    "paths_in",
    "read_column",
    "suggested_name",
]

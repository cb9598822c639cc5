"""Viewers of one record: a summary of facts, JSON as text and as a tree, and raw bytes.

They format and show; what is shown comes from the feature that uses them.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.viewers.facts import Fact, RecordId, RecordKind, Remark, Summary
    from ibconsole.ui.viewers.json_text import (
        MAX_CHARACTERS,
        BoundedText,
        format_json,
        format_plain,
    )
    from ibconsole.ui.viewers.json_tree import JsonTree
    from ibconsole.ui.viewers.json_view import JsonHighlighter, JsonView
    from ibconsole.ui.viewers.raw_view import PART, RawBytes, RawView, prepare_raw
    from ibconsole.ui.viewers.summary_view import SummaryView
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "facts": "Fact RecordId RecordKind Remark Summary",
            "json_text": "MAX_CHARACTERS BoundedText format_json format_plain",
            "json_tree": "JsonTree",
            "json_view": "JsonHighlighter JsonView",
            "raw_view": "PART RawBytes RawView prepare_raw",
            "summary_view": "SummaryView",
        },
    )

__all__ = [
    "MAX_CHARACTERS",
    "PART",
    "BoundedText",
    "Fact",
    "JsonHighlighter",
    "JsonTree",
    "JsonView",
    "RawBytes",
    "RawView",
    "RecordId",
    "RecordKind",
    "Remark",
    "Summary",
    "SummaryView",
    "format_json",
    "format_plain",
    "prepare_raw",
]

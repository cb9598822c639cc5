"""Viewers of one record: summary, JSON as text and as a tree, raw bytes."""

from ibconsole.ui.viewers.facts import Fact, Remark, Summary
from ibconsole.ui.viewers.json_text import SHOWN, BoundedText, readable
from ibconsole.ui.viewers.json_tree import JsonTree
from ibconsole.ui.viewers.json_view import JsonHighlighter, JsonView
from ibconsole.ui.viewers.raw_view import PART, RawBytes, RawView, prepared
from ibconsole.ui.viewers.summary_view import SummaryView

__all__ = [
    "PART",
    "SHOWN",
    "BoundedText",
    "Fact",
    "JsonHighlighter",
    "JsonTree",
    "JsonView",
    "RawBytes",
    "RawView",
    "Remark",
    "Summary",
    "SummaryView",
    "prepared",
    "readable",
]

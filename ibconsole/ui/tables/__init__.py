"""Tables: models over records and over growing feeds, their views, columns, filter and sort."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.tables.feed_model import FeedColumn, FeedModel
    from ibconsole.ui.tables.feed_page import FeedPage
    from ibconsole.ui.tables.feed_table import FeedTable
    from ibconsole.ui.tables.marked_cells import MarkedCells
    from ibconsole.ui.tables.records_model import RecordRole, RecordsModel
    from ibconsole.ui.tables.records_table import RecordsTable
    from ibconsole.ui.tables.row_table import RowTable
    from ibconsole.ui.tables.slices import CHUNK, Slices, Steps
    from ibconsole.ui.tables.snapshot import Column
    from ibconsole.ui.tables.text_cells import TextCells, TintedCells
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "feed_model": "FeedColumn FeedModel",
            "feed_page": "FeedPage",
            "feed_table": "FeedTable",
            "marked_cells": "MarkedCells",
            "records_model": "RecordRole RecordsModel",
            "records_table": "RecordsTable",
            "row_table": "RowTable",
            "slices": "CHUNK Slices Steps",
            "snapshot": "Column",
            "text_cells": "TextCells TintedCells",
        },
    )

__all__ = [
    "CHUNK",
    "Column",
    "FeedColumn",
    "FeedModel",
    "FeedPage",
    "FeedTable",
    "MarkedCells",
    "RecordRole",
    "RecordsModel",
    "RecordsTable",
    "RowTable",
    "Slices",
    "Steps",
    "TextCells",
    "TintedCells",
]

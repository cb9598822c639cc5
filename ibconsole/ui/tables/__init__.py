"""Tables: models over records and over growing feeds, their views, columns, filter and sort."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.tables.extended_model import (
        ExtendedFeedModel,
        ExtraColumn,
        Extras,
        RowMark,
    )
    from ibconsole.ui.tables.feed_model import FeedColumn, FeedModel
    from ibconsole.ui.tables.feed_page import FeedPage
    from ibconsole.ui.tables.feed_table import FeedTable
    from ibconsole.ui.tables.marked_cells import MarkedCells
    from ibconsole.ui.tables.marked_table import (
        MarkedTable,
        mark_colours,
        paint_marked,
    )
    from ibconsole.ui.tables.ordered_table import OrderedModel, OrderedTable
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
            "extended_model": "ExtendedFeedModel ExtraColumn Extras RowMark",
            "feed_model": "FeedColumn FeedModel",
            "feed_page": "FeedPage",
            "feed_table": "FeedTable",
            "marked_cells": "MarkedCells",
            "marked_table": "MarkedTable mark_colours paint_marked",
            "ordered_table": "OrderedModel OrderedTable",
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
    "ExtendedFeedModel",
    "ExtraColumn",
    "Extras",
    "FeedColumn",
    "FeedModel",
    "FeedPage",
    "FeedTable",
    "MarkedCells",
    "MarkedTable",
    "OrderedModel",
    "OrderedTable",
    "RecordRole",
    "RecordsModel",
    "RecordsTable",
    "RowMark",
    "RowTable",
    "Slices",
    "Steps",
    "TextCells",
    "TintedCells",
    "mark_colours",
    "paint_marked",
]

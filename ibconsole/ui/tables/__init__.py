"""Tables: models over records and over growing feeds, their views, columns, filter and sort."""

from ibconsole.ui.tables.feed_model import FeedColumn, FeedModel
from ibconsole.ui.tables.feed_page import FeedPage
from ibconsole.ui.tables.feed_table import FeedTable
from ibconsole.ui.tables.marked_cells import MarkedCells
from ibconsole.ui.tables.records_model import Column, RecordRole, RecordsModel
from ibconsole.ui.tables.records_table import RecordsTable
from ibconsole.ui.tables.row_table import RowTable, TintedCells

__all__ = [
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
    "TintedCells",
]

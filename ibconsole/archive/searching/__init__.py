"""Searching messages: filters as SQL, the full-text index, and the shortest way to the matches."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.searching.condition_sql import Value
    from ibconsole.archive.searching.filter_sql import conditions, register_functions
    from ibconsole.archive.searching.indexing import (
        add_to_index,
        begin_purge,
        continue_purge,
        read_unindexed,
        remove_from_index,
    )
    from ibconsole.archive.searching.searches import (
        cancellable,
        search,
        search_newer,
        search_older,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "filter_sql": "conditions register_functions",
            "indexing": (
                "add_to_index begin_purge continue_purge read_unindexed remove_from_index"
            ),
            "searches": "cancellable search search_newer search_older",
            "condition_sql": "Value",
        },
    )

__all__ = [
    "Value",
    "add_to_index",
    "begin_purge",
    "cancellable",
    "conditions",
    "continue_purge",
    "read_unindexed",
    "register_functions",
    "remove_from_index",
    "search",
    "search_newer",
    "search_older",
]

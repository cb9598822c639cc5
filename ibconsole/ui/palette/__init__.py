"""The command palette: runs commands and finds parts of the setup by typed text.

Each search provider adds its results to one list.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.palette.finding_search import FindingSearch
    from ibconsole.ui.palette.palette import Palette
    from ibconsole.ui.palette.search_providers import (
        CommandSearch,
        SearchProvider,
        SearchResult,
    )
    from ibconsole.ui.palette.setup_search import SetupSearch
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "finding_search": "FindingSearch",
            "palette": "Palette",
            "search_providers": "CommandSearch SearchProvider SearchResult",
            "setup_search": "SetupSearch",
        },
    )

__all__ = [
    "CommandSearch",
    "FindingSearch",
    "Palette",
    "SearchProvider",
    "SearchResult",
    "SetupSearch",
]

"""The command palette: runs commands and finds parts of the setup by typed text.

Each search provider adds its results to one list.
"""

from ibconsole.ui.palette.palette import Palette
from ibconsole.ui.palette.search_providers import CommandSearch, SearchProvider
from ibconsole.ui.palette.setup_search import SetupSearch

__all__ = [
    "CommandSearch",
    "Palette",
    "SearchProvider",
    "SetupSearch",
]

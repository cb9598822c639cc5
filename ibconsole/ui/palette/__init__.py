"""The palette: runs commands and finds applications by what is typed. Search providers plug in."""

from ibconsole.ui.palette.palette import Palette
from ibconsole.ui.palette.search_providers import CommandFinder, Finder
from ibconsole.ui.palette.setup_search import SetupFinder

__all__ = [
    "CommandFinder",
    "Finder",
    "Palette",
    "SetupFinder",
]

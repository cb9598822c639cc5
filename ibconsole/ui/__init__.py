"""The window: panes with presenters, Qt models, widgets and the theme."""

import builtins

_plain_import = builtins.__import__

import PySide6.QtCore  # noqa: E402, F401

# PySide6 replaces the import statement by one that reads the source of every importing module, in
# search of `from __feature__ import`. Nothing here uses that; it took a sixth of the time in which
# the modules of the window are imported, and kept their sources in memory.
builtins.__import__ = _plain_import

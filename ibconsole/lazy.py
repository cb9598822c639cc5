"""Deferred imports of large libraries, which the start of the window does not need."""

from importlib import import_module
from typing import Any


class LazyModule:
    """A stand-in for a module, which is imported when one of its attributes is first read.

    The import runs on the thread that reads; Python lets other readers wait for it. An
    ImportError is raised at that time.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"LazyModule({self._name!r})"

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)

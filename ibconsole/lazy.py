"""Large libraries that nobody needs before the window stands."""

from importlib import import_module
from typing import Any


class LazyModule:
    """Stands for a module, and imports it when something of it is first asked for.

    On whichever thread asks: Python lets all others that ask wait. Raises ImportError then.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"LazyModule({self._name!r})"

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)

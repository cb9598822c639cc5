"""Deferred imports, of large libraries and of what packages offer.

The start of the window and of a command waits for every module that is loaded then; a package
whose names are lazy costs only the modules of the names that are used.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a `__getattr__` for a package (PEP 562) that imports a name when it is first read.

    `modules` maps modules, of the package unless they have a dotted name, to their names with
    spaces between them. No name may be that of a module: importing the module would replace it.
    """
    sources = {name: module for module, names in modules.items() for name in names.split()}

    def import_name(name: str) -> Any:
        module = sources.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(module if "." in module else f"{package}.{module}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return import_name


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

"""Deferred imports of large libraries and of what packages offer, and deferred patterns.

The start of the window and of a command waits for every module that is loaded then; a package
whose names are lazy costs only the modules of the names that are used. Regular expressions of
modules that are loaded at the start, but not used then, are compiled late as well.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, AnyStr, Generic, cast


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
    ImportError is raised at that time. `without` are modules that it imports if they are
    installed, and that are not needed: to its first import they seem to be missing.
    """

    def __init__(self, name: str, *, without: Sequence[str] = ()) -> None:
        self._name = name
        self._without = without

    def __repr__(self) -> str:
        return f"LazyModule({self._name!r})"

    def __getattr__(self, name: str) -> Any:
        if self._name not in sys.modules:
            self._import()
        return getattr(import_module(self._name), name)

    def _import(self) -> None:
        missing = [name for name in self._without if name not in sys.modules]
        for name in missing:
            sys.modules[name] = None  # type: ignore[assignment]  # the sign for "cannot be found"
        try:
            import_module(self._name)
        finally:
            for name in missing:
                sys.modules.pop(name, None)


class _LazyPattern(Generic[AnyStr]):
    def __init__(self, pattern: AnyStr, flags: int) -> None:
        self._source: AnyStr = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        # An attribute of its own from now on, which is as quick as that of the pattern.
        value = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, value)
        return value


def lazy_pattern(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a pattern that is compiled when it is first used; `re.error` is raised then.

    It has the methods and attributes of a pattern; functions of `re` do not take it for one.
    """
    return cast(re.Pattern[AnyStr], _LazyPattern(pattern, flags))

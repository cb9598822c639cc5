"""The window: panes with presenters, Qt models, widgets and the theme."""

import builtins
from typing import Any

_plain_import, _plain_compile = builtins.__import__, builtins.compile

# PySide6 compiles these modules of its own from their sources at every start, a fourth of its
# time. They describe functions, for error messages and help: it is enough to compile them then.
_DESCRIBING = ("errorhandler", "layout", "parser", "lib/enum_sig", "lib/pyi_generator")
_DEFERRED = {f"shibokensupport/signature/{name}.py" for name in _DESCRIBING}
_SUBSTITUTE = """
def __getattr__(name):
    if name.startswith("__") or "__deferred__" not in globals():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    exec(compile(*globals().pop("__deferred__"), "exec"), globals())
    return globals()[name]
"""


def _compile_later(source: Any, filename: Any, *arguments: Any, **options: Any) -> Any:
    if filename in _DEFERRED:
        text = f"__deferred__ = {(source, filename)!r}\n{_SUBSTITUTE}"
        return _plain_compile(text, filename, *arguments, **options)
    return _plain_compile(source, filename, *arguments, **options)


builtins.compile = _compile_later
try:
    import PySide6.QtCore  # noqa: F401
finally:
    builtins.compile = _plain_compile

# PySide6 replaces the import statement by one that reads the source of every importing module, in
# search of `from __feature__ import`. Nothing here uses that; it took a sixth of the time in which
# the modules of the window are imported, and kept their sources in memory.
builtins.__import__ = _plain_import

"""The versions of what the program is made of, for reports."""

import platform
from typing import TYPE_CHECKING

from ibconsole import __version__
from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    from importlib import metadata
else:
    metadata = LazyModule("importlib.metadata")

_LIBRARIES = ("PySide6-Essentials", "httpx", "apsw", "keyring", "qasync", "h11", "msgspec")


def versions() -> dict[str, str]:
    """The program's, the system's, Python's, and of each library; "unknown" where none is told."""
    found = {
        "ibconsole": __version__,
        "System": f"{platform.system()} {platform.release()} ({platform.machine()})",
        "Python": platform.python_version(),
    }
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found

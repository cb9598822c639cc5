"""The versions of the program and its components, for reports."""

import platform
from typing import TYPE_CHECKING

from ibconsole import __version__
from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    from importlib import metadata
else:
    metadata = LazyModule("importlib.metadata")

_LIBRARIES = ("PySide6-Essentials", "httpx", "apsw", "keyring", "qasync", "h11", "msgspec")


def read_versions() -> dict[str, str]:
    """Return the versions of the program, the system, Python and each library, by name.

    A library whose metadata is not installed is "unknown".
    """
    versions = {
        "ibconsole": __version__,
        "System": f"{platform.system()} {platform.release()} ({platform.machine()})",
        "Python": platform.python_version(),
    }
    for name in _LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "unknown"
    return versions

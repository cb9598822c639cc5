"""The files of `resources/`, in a checkout and in an installed program."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource_folder(path: str = "") -> Path:
    """Return a folder below `resources`, named with slashes, or `resources` itself."""
    installed = _PACKAGE / "resources"
    # In a checkout the folder lies next to the package.
    folder = installed if installed.is_dir() else _PACKAGE.parent / "resources"
    return folder.joinpath(*path.split("/"))


def read_resource(path: str) -> bytes:
    """Return the content of a file below `resources`, named with slashes."""
    return resource_folder(path).read_bytes()

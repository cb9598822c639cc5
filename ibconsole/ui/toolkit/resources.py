"""Finds the files that come with the program, in a checkout and in an installed package."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def resource(path: str) -> bytes:
    """The bytes of a file below `resources`, named with slashes."""
    return _folder().joinpath(*path.split("/")).read_bytes()


def folder(path: str) -> str:
    """Where a folder below `resources` is, with slashes: for style sheets, which load by name."""
    return Path(str(_folder().joinpath(*path.split("/")))).as_posix()


def _folder() -> Traversable:
    installed = files("ibconsole") / "resources"
    # In a checkout the folder lies beside the package.
    return installed if installed.is_dir() else Path(__file__).parents[3] / "resources"

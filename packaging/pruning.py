"""What goes into the bundle: the plug-ins of Qt that a window needs, and what those need.

Out: QML, designer, embedded and exotic platforms, image formats, SQL drivers, the GTK theme.
In: X11, Wayland, offscreen, SVG, accessibility, input methods. Encrypted connections are
Python's, by OpenSSL; Qt's own network library is not used, so it is not here either.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

Entry = tuple[str, str, str]  # PyInstaller's: name in the bundle, source, kind
Imports = Callable[[str], Iterable[str]]

# By folder below Qt's plugins, for all systems together; a system has only some of them.
PLUGINS = {
    "iconengines": {"qsvgicon"},
    "imageformats": {"qsvg"},
    "platforminputcontexts": {
        "composeplatforminputcontextplugin",
        "ibusplatforminputcontextplugin",
    },
    "platforms": {"qxcb", "qwayland", "qoffscreen", "qwindows", "qcocoa"},
    "platformthemes": {"qxdgdesktopportal"},
    "styles": {"qmodernwindowsstyle", "qmacstyle"},
    "wayland-decoration-client": {"adwaita", "bradient"},
    "wayland-graphics-integration-client": {"qt-plugin-wayland-egl"},
    "wayland-shell-integration": {"xdg-shell"},
    "xcbglintegrations": {"qxcb-egl-integration", "qxcb-glx-integration"},
}
# Compression and time stamps that nothing here uses; tests, documentation, other toolkits; and
# what is here for building alone, which some libraries would use if it were there.
EXCLUDED = (
    "PIL",
    "PySide6.QtNetwork",
    "_bz2",
    "_lzma",
    "_distutils_hack",
    "_uuid",
    "attr",
    "attrs",
    "bz2",
    "chardet",
    "charset_normalizer",
    "doctest",
    "lzma",
    "multiprocessing",
    "packaging",
    "pdb",
    "pydoc",
    "readline",  # GPL, and nothing here edits lines
    "requests",
    "pkg_resources",
    "setuptools",
    "sqlite3",
    "tkinter",
    "unittest",
    "urllib3",
)
# PyInstaller's hooks for Qt would load Qt for every command of the terminal, and hand our
# plug-ins to every program that we open. The wheels' libraries find their plug-ins themselves;
# on Windows and macOS nobody has tried that, so there the hook stays.
_HOOKS_OUT = {"pyi_rth_inspect", "pyi_rth_pkgutil"} | (
    {"pyi_rth_pyside6"} if sys.platform == "linux" else set()
)

# What pip writes for itself: no build is like another in it.
_PAPERS_OUT = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}


def kept_data(entries: Iterable[Entry]) -> list[Entry]:
    """The files that are no programs, without pip's own and without links."""
    return [
        entry
        for entry in entries
        if entry[2] != "SYMLINK"
        and PurePosixPath(entry[0].replace("\\", "/")).name not in _PAPERS_OUT
    ]


def kept_hooks(scripts: Iterable[Entry]) -> list[Entry]:
    """The scripts that run at the start, without those that only cost."""
    return [entry for entry in scripts if entry[0] not in _HOOKS_OUT]


def kept_binaries(
    entries: Iterable[Entry], imports: Imports, system: frozenset[str]
) -> list[Entry]:
    """Extension modules, chosen plug-ins, and the libraries that these need in turn.

    `imports` tells the file names of what a library needs; `system` those that stay outside.
    """
    inside = {
        PurePosixPath(name).name: (name, source, kind)
        for name, source, kind in _placed(entries)
        if PurePosixPath(name).name not in system
    }
    roots = [entry for entry in inside.values() if _is_root(entry)]
    reached = {PurePosixPath(entry[0]).name: entry for entry in roots}
    while roots:
        entry = roots.pop()
        for needed in imports(entry[1]):
            if needed in inside and needed not in reached:
                reached[needed] = inside[needed]
                roots.append(inside[needed])
    return sorted(reached.values())


def _placed(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries with slashes; without links beside the libraries, which find each other."""
    for name, source, kind in entries:
        if kind != "SYMLINK":
            yield name.replace("\\", "/"), source, kind


def _is_root(entry: Entry) -> bool:
    path = PurePosixPath(entry[0])
    if "plugins" in path.parts and "PySide6" in path.parts:
        stem = Path(path.name).name.split(".")[0].removeprefix("lib")
        return stem in PLUGINS.get(path.parent.name, set())
    return entry[2] == "EXTENSION" or path.name.startswith(("libpython", "python3"))

"""Contents of the bundle: the Qt plug-ins that the window needs, and their dependencies.

Excluded: QML, designer, embedded and rare platforms, image formats, SQL drivers, the GTK theme.
Included: X11, Wayland, offscreen, SVG, accessibility, input methods. TLS is Python's, by
OpenSSL; Qt's network library is not used and excluded.
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
# Unused compression and time-stamp modules; tests, documentation, other toolkits; and build tools
# that some libraries would import if they were present.
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
    "readline",  # GPL, and not used
    "requests",
    "pkg_resources",
    "setuptools",
    "sqlite3",
    "tkinter",
    "unittest",
    "urllib3",
)
# The collector has no window and no keyring, and asks no desktop for anything.
DESKTOP = (
    "PySide6",
    "ibconsole.ui",
    "ibconsole.wiring",
    "jeepney",
    "keyring",
    "qasync",
    "shiboken6",
)
# Packages that compiled modules import from, unseen by PyInstaller, or that are loaded late.
HIDDEN = ("prometheus_client", "psycopg", "psycopg_binary")
# PyInstaller's hooks for Qt would load Qt for every terminal command, and pass our plug-in path to
# every program that is opened. The wheels' libraries find their plug-ins without them; on Windows
# and macOS that is untested, so the hook stays there.
_DROPPED_HOOKS = {"pyi_rth_inspect", "pyi_rth_pkgutil"} | (
    {"pyi_rth_pyside6"} if sys.platform == "linux" else set()
)

# Files that pip writes for itself; they differ from build to build.
_PIP_FILES = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}


def is_collectors(module: str) -> bool:
    """Return false for a module of the desktop's program alone."""
    return not f"{module}.".startswith(tuple(f"{name}." for name in DESKTOP))


def kept_data(entries: Iterable[Entry]) -> list[Entry]:
    """Keep data files, without those of pip and without links."""
    return [
        entry
        for entry in entries
        if entry[2] != "SYMLINK"
        and PurePosixPath(entry[0].replace("\\", "/")).name not in _PIP_FILES
    ]


def kept_hooks(scripts: Iterable[Entry]) -> list[Entry]:
    """Keep the start-up scripts that are needed."""
    return [entry for entry in scripts if entry[0] not in _DROPPED_HOOKS]


def kept_binaries(
    entries: Iterable[Entry], imports: Imports, system: frozenset[str]
) -> list[Entry]:
    """Keep extension modules, chosen plug-ins, and the libraries that these require in turn.

    `imports` returns the file names that a library requires; `system` holds those to leave out.
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
    """Normalize separators to slashes and drop links: the libraries find each other without."""
    for name, source, kind in entries:
        if kind != "SYMLINK":
            yield name.replace("\\", "/"), source, kind


def _is_root(entry: Entry) -> bool:
    path = PurePosixPath(entry[0])
    if "plugins" in path.parts and "PySide6" in path.parts:
        stem = Path(path.name).name.split(".")[0].removeprefix("lib")
        return stem in PLUGINS.get(path.parent.name, set())
    return entry[2] == "EXTENSION" or path.name.startswith(("libpython", "python3"))

"""What goes into the bundle is what the window needs."""

from pruning import is_collectors, kept_binaries, kept_data, kept_hooks

QT = "PySide6/Qt"
ENTRIES = [
    ("PySide6/QtGui.abi3.so", "/w/QtGui", "EXTENSION"),
    (f"{QT}/plugins/platforms/libqxcb.so", "/w/qxcb", "BINARY"),
    (f"{QT}/plugins/platforms/libqvnc.so", "/w/qvnc", "BINARY"),
    (f"{QT}/plugins/sqldrivers/libqsqlite.so", "/w/qsqlite", "BINARY"),
    (f"{QT}/lib/libQt6Gui.so.6", "/w/Gui", "BINARY"),
    (f"{QT}/lib/libQt6XcbQpa.so.6", "/w/XcbQpa", "BINARY"),
    (f"{QT}/lib/libQt6Network.so.6", "/w/Network", "BINARY"),
    ("libQt6Gui.so.6", f"{QT}/lib/libQt6Gui.so.6", "SYMLINK"),
    ("libX11.so.6", "/usr/lib/libX11.so.6", "BINARY"),
    ("libpython3.11.so.1.0", "/p/libpython", "BINARY"),
]
NEEDED = {
    "/w/QtGui": ["libQt6Gui.so.6", "libc.so.6"],
    "/w/qxcb": ["libQt6XcbQpa.so.6", "libX11.so.6"],
    "/w/XcbQpa": ["libQt6Gui.so.6"],
    "/w/qvnc": ["libQt6Network.so.6"],
}


def test_what_is_kept() -> None:
    """Modules, the plug-ins of the list, and what these need; not what is the system's."""
    kept = kept_binaries(ENTRIES, lambda source: NEEDED.get(source, ()), frozenset({"libX11.so.6"}))

    assert [name for name, _, _ in kept] == [
        f"{QT}/lib/libQt6Gui.so.6",
        f"{QT}/lib/libQt6XcbQpa.so.6",
        f"{QT}/plugins/platforms/libqxcb.so",
        "PySide6/QtGui.abi3.so",
        "libpython3.11.so.1.0",
    ]


def test_windows() -> None:
    """There names have backslashes and other endings."""
    entries = [
        ("PySide6\\plugins\\platforms\\qwindows.dll", "w", "BINARY"),
        ("PySide6\\plugins\\imageformats\\qtiff.dll", "t", "BINARY"),
        ("python311.dll", "p", "BINARY"),
    ]

    kept = kept_binaries(entries, lambda _: (), frozenset())

    assert [name for name, _, _ in kept] == [
        "PySide6/plugins/platforms/qwindows.dll",
        "python311.dll",
    ]


def test_hooks() -> None:
    """The program's own script stays."""
    scripts = [("pyi_rth_inspect", "a", "PYSOURCE"), ("__main__", "b", "PYSOURCE")]

    assert kept_hooks(scripts) == scripts[1:]


def test_data() -> None:
    """What pip wrote differs from build to build, what a distribution says of itself does not."""
    entries = [
        ("httpx-1.dist-info/METADATA", "m", "DATA"),
        ("httpx-1.dist-info/RECORD", "r", "DATA"),
        ("httpx-1.dist-info\\INSTALLER", "i", "DATA"),
        ("ibconsole/resources/icon.svg", "s", "SYMLINK"),
    ]

    assert kept_data(entries) == entries[:1]


def test_the_collector() -> None:
    """The collector's program has everything but the window and the keyring."""
    modules = ["ibconsole.ui", "ibconsole.ui.shell", "PySide6.QtCore", "keyring"]
    others = ["ibconsole.cli", "ibconsole.uid", "psycopg", "ibconsole"]

    assert [is_collectors(one) for one in modules] == [False] * 4
    assert [is_collectors(one) for one in others] == [True] * 4

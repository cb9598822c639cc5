"""Rules of this code base that no linter checks."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "ibconsole"
# Modules of names and values only, without behaviour to test.
VALUES = {
    "errors.py",
    "services/runtime/status.py",
    "http1/message.py",
    "archive/records.py",
    "simulator/phrases.py",
}
# The window has its tests in tests/ui and tests/e2e; wiring is tested by the latter.
WINDOW = {"ui", "wiring"}
BELOW_QT = ["model", "http1", "api", "archive", "listener", "simulator", "services", "tasks", "cli"]

SOURCES = sorted(
    path.relative_to(PROGRAM)
    for path in PROGRAM.rglob("*.py")
    if "resources" not in path.relative_to(PROGRAM).parts
)
MODULES = [
    source
    for source in SOURCES
    if source.name != "__init__.py"
    and source.parts[0] not in WINDOW
    and source.as_posix() not in VALUES
]


@pytest.mark.parametrize("source", MODULES, ids=str)
def test_every_module_has_its_tests(source: Path) -> None:
    """The tests of a module are found by its name."""
    name = source.stem.strip("_")

    assert (ROOT / "tests" / "unit" / source.parent / f"test_{name}.py").is_file()


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_every_module_has_a_docstring(source: Path) -> None:
    """A module begins with a docstring."""
    tree = ast.parse((PROGRAM / source).read_text(encoding="utf-8"))

    assert ast.get_docstring(tree)


@pytest.mark.parametrize("source", SOURCES, ids=str)
@pytest.mark.parametrize("call", ["exec", "processEvents"])
def test_no_nested_event_loops(source: Path, call: str) -> None:
    """No nested event loop is run: it silently kills the tasks of the outer one."""
    tree = ast.parse((PROGRAM / source).read_text(encoding="utf-8"))

    called = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert call not in called


@pytest.mark.parametrize(
    "package", sorted({path.parent for path in SOURCES if path.name == "__init__.py"}), ids=str
)
def test_exports_are_complete(package: Path) -> None:
    """A package's __all__ lists exactly the names that its __init__ imports."""
    dotted = ".".join(["ibconsole", *package.parts])
    module = importlib.import_module(dotted)
    tree = ast.parse((PROGRAM / package / "__init__.py").read_text(encoding="utf-8"))

    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    offered = getattr(module, "__all__", [])
    assert set(offered) == imported
    assert all(hasattr(module, name) for name in offered)


@pytest.mark.parametrize("room", BELOW_QT)
def test_rooms_below_the_window_leave_qt_out(room: str) -> None:
    """The engine and the terminal run on machines without Qt."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import ibconsole.{room}, sys; sys.exit('PySide6' in sys.modules)",
        ],
        check=False,
        cwd=ROOT,
    )

    assert done.returncode == 0

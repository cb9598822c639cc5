"""The import contracts: each one is broken by an import that it forbids."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


# The module that gets an import, the import, and the contract that forbids it.
FORBIDDEN = [
    ("model/message.py", "ibconsole.archive", "Rooms import downwards only"),
    ("services/setup/new.py", "PySide6.QtCore", "Only the window imports Qt"),
    ("simulator/clock.py", "ibconsole.model", "The simulator shares no code"),
    ("http1/server.py", "ibconsole.errors", "Raw HTTP imports nothing else of the program"),
    ("ui/theme.py", "httpx", "One module imports httpx"),
    ("ui/theme.py", "ibconsole.api", "The window reaches the engine through services"),
    ("ui/toolkit/theme.py", "ibconsole.ui.widgets.banner", "No circles"),
    ("cli/out.py", "ibconsole.ui", "The terminal does not import the window"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report on a copy of the program with all forbidden imports."""
    copy = tmp_path_factory.mktemp("contracts")
    shutil.copytree(
        ROOT / "ibconsole", copy / "ibconsole", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", copy)
    for module, forbidden, _ in FORBIDDEN:
        with (copy / "ibconsole" / module).open("a", encoding="utf-8") as source:
            source.write(f"\nimport {forbidden}\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("module", "forbidden", "contract"), FORBIDDEN)
def test_forbidden_import_breaks_the_build(
    report: str, module: str, forbidden: str, contract: str
) -> None:
    """A forbidden import is reported, with its place, by the contract that covers it."""
    importer = "ibconsole." + module.removesuffix(".py").replace("/", ".")
    imported = forbidden.removesuffix(".QtCore")
    if contract == "No circles":  # is about packages: .toolkit -> .widgets
        importer, imported = ".toolkit", ".widgets"

    _, _, broken = report.partition("Broken contracts")
    [section] = re.findall(
        rf"^{contract}[^\n]*\n-+\n(.*?)(?=^[^\n]+\n-+\n|\Z)", broken, re.MULTILINE | re.DOTALL
    )
    assert f" {importer} -> {imported} (" in section

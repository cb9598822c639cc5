"""The import contracts: each one is broken by an import that it forbids."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "forbidden", "contract"),
    [
        ("model/message.py", "import ibconsole.archive", "Rooms import downwards only"),
        ("services/setup/new.py", "import PySide6.QtCore", "Only the window imports Qt"),
        ("simulator/clock.py", "import ibconsole.model", "The simulator shares no code"),
        (
            "http1/server.py",
            "import ibconsole.errors",
            "Raw HTTP imports nothing else of the program",
        ),
        ("ui/theme.py", "import httpx", "One module imports httpx"),
        ("ui/theme.py", "import ibconsole.api", "The window reaches the engine through services"),
        ("ui/toolkit/theme.py", "import ibconsole.ui.shell.menus", "No circles"),
        ("cli/out.py", "import ibconsole.ui", "The terminal does not import the window"),
    ],
)
def test_forbidden_import_breaks_the_build(
    tmp_path: Path, module: str, forbidden: str, contract: str
) -> None:
    """A forbidden import is reported by the contract that covers it."""
    shutil.copytree(
        ROOT / "ibconsole", tmp_path / "ibconsole", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "ibconsole" / module).open("a", encoding="utf-8") as source:
        source.write(f"\n{forbidden}\n")

    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(line.startswith(contract) for line in broken)

"""Modules that are imported on first use."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ibconsole.lazy import LazyModule, lazy_pattern

pytestmark = pytest.mark.usefixtures("unmeasured_children")
_UNUSED = (
    "apsw",
    "ibconsole.archive",
    "ibconsole.http1",
    "ibconsole.services.intake",
    "httpx._main",
)
_LARGE = ("httpx", "truststore", "stamina", "keyring", "ibconsole.simulator", "cryptography")


def test_imported_when_asked() -> None:
    """A lazy module has the attributes of the module."""
    lazy = LazyModule("json")

    assert lazy.loads("[1]") == [1]
    assert repr(lazy) == "LazyModule('json')"


def test_missing_names() -> None:
    """A missing attribute or module raises the usual error."""
    with pytest.raises(AttributeError):
        _ = LazyModule("json").nothing
    with pytest.raises(ImportError):
        _ = LazyModule("no_such_module").nothing


def test_without_what_is_not_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that is left out seems to be missing to this import, and to no other one."""
    (tmp_path / "lazy_extra.py").write_text("FOUND = True\n")
    (tmp_path / "lazy_whole.py").write_text(
        "try:\n    from lazy_extra import FOUND\nexcept ImportError:\n    FOUND = False\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    assert LazyModule("lazy_whole", without=("lazy_extra",)).FOUND is False
    assert LazyModule("lazy_extra").FOUND is True


def test_lazy_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package imports only the module of a name that is read, once; others do not exist."""
    package = tmp_path / "lazy_sample"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from ibconsole.lazy import lazy_names\n"
        "__getattr__ = lazy_names(__name__, {'colours': 'RED BLUE', 'sizes': 'LARGE'})\n"
    )
    (package / "colours.py").write_text("RED, BLUE, HIDDEN = object(), object(), object()\n")
    (package / "sizes.py").write_text("LARGE = object()\n")
    monkeypatch.syspath_prepend(tmp_path)
    sample = importlib.import_module("lazy_sample")

    assert sample.RED is sample.RED is sys.modules["lazy_sample.colours"].RED
    assert "lazy_sample.sizes" not in sys.modules
    with pytest.raises(AttributeError, match="lazy_sample"):
        _ = sample.HIDDEN


def test_a_setup_command_loads_what_it_uses(tmp_path: Path) -> None:
    """A command that lists the setup loads neither the archive nor the listener's HTTP."""
    script = (
        "import sys\n"
        "from ibconsole.cli import main\n"
        "main(['apps', 'list', '--base-url', 'http://127.0.0.1:9', '--data-dir', sys.argv[1]])\n"
        f"print(*[one for one in {_UNUSED!r} if one in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=os.environ | {"IBCONSOLE_API_KEY": "0123456789abcdef"},
    )

    assert "127.0.0.1:9" in done.stderr
    assert done.stdout.split() == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("room", ["ibconsole.wiring.window", "ibconsole.services"])
def test_the_window_does_not_wait_for_large_libraries(room: str) -> None:
    """Libraries that only requests need are not loaded to show the window."""
    script = f"import sys, {room}; print(*[one for one in {_LARGE!r} if one in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.split() == []


def test_a_lazy_pattern_is_a_pattern() -> None:
    """It is compiled when it is first used, has all methods, and raises the usual error then."""
    words, digits = lazy_pattern("[a-z]+", re.IGNORECASE), lazy_pattern(rb"[0-9]")
    wrong = lazy_pattern("(")

    assert words.findall("One two") == ["One", "two"]
    assert words.sub("", "a1b2") == "12"
    assert words.pattern == "[a-z]+"
    assert digits.fullmatch(b"7")
    with pytest.raises(re.error):
        wrong.search("")

"""Modules that are imported on first use."""

import subprocess
import sys

import pytest

from ibconsole.lazy import LazyModule

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


@pytest.mark.slow
@pytest.mark.parametrize("room", ["ibconsole.wiring.window", "ibconsole.services"])
def test_the_window_does_not_wait_for_large_libraries(room: str) -> None:
    """Libraries that only requests need are not loaded to show the window."""
    script = f"import sys, {room}; print(*[one for one in {_LARGE!r} if one in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.split() == []

"""Modules that are loaded when they are needed, and not before."""

import subprocess
import sys

import pytest

from ibconsole.lazy import LazyModule

_LARGE = ("httpx", "truststore", "stamina", "keyring", "ibconsole.simulator", "cryptography")


def test_imported_when_asked() -> None:
    """It stands for the module in everything."""
    lazy = LazyModule("json")

    assert lazy.loads("[1]") == [1]
    assert repr(lazy) == "LazyModule('json')"


def test_nothing_of_that_name() -> None:
    """What a module does not have it does not have lazily either."""
    with pytest.raises(AttributeError):
        _ = LazyModule("json").nothing
    with pytest.raises(ImportError):
        _ = LazyModule("no_such_module").nothing


@pytest.mark.parametrize("room", ["ibconsole.wiring.window", "ibconsole.services"])
def test_the_window_does_not_wait_for_large_libraries(room: str) -> None:
    """What only a request needs is not loaded to show a window."""
    script = f"import sys, {room}; print(*[one for one in {_LARGE!r} if one in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.split() == []

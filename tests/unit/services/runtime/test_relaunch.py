"""The command that starts the program again."""

import sys

import pytest

from ibconsole.services.runtime.relaunch import relaunch_command


def test_from_a_checkout() -> None:
    """A checkout is run as a module of its interpreter."""
    assert relaunch_command("--demo") == [sys.executable, "-m", "ibconsole", "--demo"]


def test_packaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A packaged program is run by its own executable."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/usr/lib/ibconsole/ibconsole")

    assert relaunch_command("--demo") == ["/usr/lib/ibconsole/ibconsole", "--demo"]

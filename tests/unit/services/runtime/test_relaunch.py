"""How the program starts itself again."""

import sys

import pytest

from ibconsole.services.runtime.relaunch import command_line


def test_by_its_interpreter() -> None:
    """A checkout is run as a module."""
    assert command_line("--demo") == [sys.executable, "-m", "ibconsole", "--demo"]


def test_packaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A packaged program has no interpreter to ask."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/usr/lib/ibconsole/ibconsole")

    assert command_line("--demo") == ["/usr/lib/ibconsole/ibconsole", "--demo"]

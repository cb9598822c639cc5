"""The sandbox opens beside the window, as a program of its own."""

import os
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.sandbox_launcher import SandboxFailed, open_sandbox

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")


def test_the_sandbox_is_a_program_of_its_own(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is started by the interpreter at work, and asked for the demo."""
    told = tmp_path / "told"
    stand_in = tmp_path / "python"
    stand_in.write_text(f'#!/bin/sh\necho "$@" >{told}.new && mv {told}.new {told}\n')
    stand_in.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(stand_in))

    open_sandbox()

    qtbot.waitUntil(told.exists)
    assert told.read_text().split() == ["-m", "ibconsole", "--demo"]


def test_a_system_that_refuses(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can be started, a sentence says so."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))

    with pytest.raises(SandboxFailed, match="ibconsole --demo"):
        open_sandbox()

import os
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.sandbox_launcher import SandboxFailed, launch_case, launch_sandbox

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")


def test_the_sandbox_is_a_separate_process(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox is started with the same interpreter and the option --demo; so is a case."""
    called = tmp_path / "called"
    stand_in = tmp_path / "python"
    stand_in.write_text(f'#!/bin/sh\necho "$@" >{called}.new && mv {called}.new {called}\n')
    stand_in.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(stand_in))

    launch_sandbox()

    qtbot.waitUntil(called.exists)
    assert called.read_text().split() == ["-m", "ibconsole", "--demo"]
    called.unlink()
    launch_case("/cases/acme.zip", tmp_path)
    qtbot.waitUntil(called.exists)
    assert called.read_text().split()[2:] == [
        "case", "open", "/cases/acme.zip", "--data-dir", str(tmp_path)
    ]  # fmt: skip


def test_a_refusal_of_the_system_is_explained(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the process cannot be started, the error names the command to use in a terminal."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))

    with pytest.raises(SandboxFailed, match="ibconsole --demo"):
        launch_sandbox()
    with pytest.raises(SandboxFailed, match="ibconsole case open acme"):
        launch_case("acme", tmp_path)

"""Starts the sandbox, or a case that runs in it, as a separate process.

A separate process has its own archive, listener and connection, so that the sandbox and an
account can never affect each other.
"""

from pathlib import Path

from PySide6.QtCore import QProcess

from ibconsole.errors import UserError
from ibconsole.services.runtime import relaunch_command


class SandboxFailed(UserError):
    """The system refused to start another process."""


def launch_sandbox() -> None:
    """Start the window of the sandbox, which survives this one. Raises SandboxFailed."""
    program, *arguments = relaunch_command("--demo")
    started, _ = QProcess.startDetached(program, arguments)
    if not started:
        raise SandboxFailed(
            "The sandbox could not be started because the system refused to run another"
            " ibconsole; nothing here has changed. Start it in a terminal: ibconsole --demo."
        )


def launch_case(case: str, data: Path) -> None:
    """Start the window of a case: a bundle, or the id of one in a data directory.

    Raises SandboxFailed.
    """
    program, *arguments = relaunch_command("case", "open", case, "--data-dir", str(data))
    started, _ = QProcess.startDetached(program, arguments)
    if not started:
        raise SandboxFailed(
            "The case could not be opened because the system refused to run another ibconsole;"
            f" nothing here has changed. Open it in a terminal: ibconsole case open {case}"
        )

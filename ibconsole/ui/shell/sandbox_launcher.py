"""Starts the sandbox as a separate process.

A separate process has its own archive, listener and connection, so that the sandbox and an
account can never affect each other.
"""

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

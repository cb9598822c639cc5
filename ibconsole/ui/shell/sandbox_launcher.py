"""Opens the sandbox beside this window, as a program of its own.

Of its own, so that nothing of an account can reach the sandbox, or the other way round: not
its archive, not its listener, not its connection.
"""

from PySide6.QtCore import QProcess

from ibconsole.errors import UserError
from ibconsole.services.runtime import relaunch_command


class SandboxFailed(UserError):
    """The system would not start another program."""


def open_sandbox() -> None:
    """Start the sandbox's window; it lives on when this one is closed. Raises SandboxFailed."""
    program, *arguments = relaunch_command("--demo")
    started, _ = QProcess.startDetached(program, arguments)
    if not started:
        raise SandboxFailed(
            "The sandbox could not be started: the system refused to run another ibconsole."
            " Nothing here has changed. In a terminal, ibconsole --demo opens it."
        )

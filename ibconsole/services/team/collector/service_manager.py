"""Notifications to systemd, in its own protocol: datagrams to a socket that it names.

Without systemd nothing is sent. A notification that cannot be sent is ignored: the service goes on.
https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

_LONGEST_STATUS = 400  # characters


class ServiceManager:
    """The connection to systemd, as the environment of the process describes it.

    `watchdog_seconds` is the time within which `report_alive` has to be called again; None if
    systemd does not watch.
    """

    def __init__(self, environment: Mapping[str, str], *, process: int | None = None) -> None:
        path = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{path[1:]}" if path.startswith("@") else path
        self.watchdog_seconds = _watchdog_seconds(environment, process or os.getpid())
        self._status = ""

    def report_ready(self) -> None:
        """Say that the service has started."""
        self._send("READY=1")

    def report_alive(self) -> None:
        """Say that the service has not hung."""
        if self.watchdog_seconds:
            self._send("WATCHDOG=1")

    def report_status(self, sentence: str) -> None:
        """Show a sentence in `systemctl status`; sent only if it is another one."""
        line = " ".join(sentence.split())[:_LONGEST_STATUS]
        if line != self._status:
            self._status = line
            self._send(f"STATUS={line}")

    def report_stopping(self) -> None:
        """Say that the service is ending."""
        self._send("STOPPING=1")

    def extend_timeout(self, seconds: float) -> None:
        """Ask for that much time, from now on, to end in."""
        self._send(f"EXTEND_TIMEOUT_USEC={round(seconds * 1_000_000)}")

    def _send(self, text: str) -> None:
        family = getattr(socket, "AF_UNIX", None)  # none on Windows
        if not self._address or family is None:
            return
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0)
            sock.sendto(text.encode(), self._address)


def _watchdog_seconds(environment: Mapping[str, str], process: int) -> float | None:
    """Return the limit of the watchdog, if it is meant for this process."""
    limit, wanted = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not limit.isdecimal() or (wanted and wanted != str(process)):
        return None
    return int(limit) / 1_000_000 or None

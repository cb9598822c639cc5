"""A real keyring of a test's own: a private D-Bus session, with or without GNOME Keyring on it.

Nothing of the user's own session is touched: bus, home and run-time directory are private.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = b"correct horse battery staple"

# Owns the keyring's name on the bus, and reads nothing that is sent to it.
_SILENT = """
import time
from jeepney import DBusAddress, message_bus
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import new_method_call
with open_dbus_connection(bus="SESSION") as bus:
    bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))
    print("here", flush=True)
    time.sleep(600)
"""

needs_gnome_keyring = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-daemon")),
    reason="there is no GNOME Keyring here (Linux: packages gnome-keyring and dbus)",
)


@dataclass(frozen=True)
class Session:
    """A private D-Bus session; `environment` is what programs on it need."""

    home: Path
    environment: dict[str, str]

    def unlock(self) -> None:
        """Start GNOME Keyring with its default keyring made and unlocked."""
        self._start("--unlock", PASSWORD)

    def start_locked(self) -> None:
        """Make a keyring, then start anew, as after a log-in without a password."""
        self.unlock()
        self._end_keyring()
        self._start("--start", b"")

    def files(self) -> Iterator[Path]:
        """Every file that the keyring has written."""
        return (path for path in self.home.rglob("*") if path.is_file())

    def fall_silent(self) -> "subprocess.Popen[bytes]":
        """Put a keyring there that never answers; to be killed by whoever asked for it."""
        silent = subprocess.Popen(
            [sys.executable, "-c", _SILENT], env=self.environment, stdout=subprocess.PIPE
        )
        assert silent.stdout is not None
        assert silent.stdout.readline() == b"here\n"
        return silent

    def _start(self, how: str, said: bytes) -> None:
        subprocess.run(
            ["gnome-keyring-daemon", how, "--components=secrets", "--daemonize"],  # noqa: S607
            input=said,
            env=self.environment,
            check=True,
            capture_output=True,
            timeout=20,
        )

    def _end_keyring(self) -> None:
        for process in _processes_with(self.home, "gnome-keyring-d"):
            os.kill(process, signal.SIGTERM)
            _wait_for_end(process)


@contextmanager
def session(home: Path) -> Iterator[Session]:
    """A private bus for as long as it is needed; everything that runs on it ends with it."""
    home.mkdir(parents=True, exist_ok=True)
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    environment = {
        name: one
        for name, one in os.environ.items()
        if not name.startswith(("DBUS_", "XDG_", "GNOME_", "DISPLAY", "WAYLAND"))
    }
    environment |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "XDG_DATA_DIRS": str(home)}
    with subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"],  # noqa: S607
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as bus:
        assert bus.stdout is not None
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        made = Session(home, environment)
        try:
            yield made
        finally:
            made._end_keyring()
            bus.terminate()


def _processes_with(home: Path, name: str) -> list[int]:
    """The processes of that name whose home this is."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "comm").read_text().strip() != name:
                continue
            if f"HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found


def _wait_for_end(process: int) -> None:
    with suppress(OSError):
        descriptor = os.pidfd_open(process)
        select.select([descriptor], [], [], 10)
        os.close(descriptor)

"""A real keyring for tests: a private D-Bus session, with or without GNOME Keyring on it.

The user's session is not used: bus, home and run-time directory are private.
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

# Owns the keyring's name on the bus, and reads no message that is sent to it.
_UNRESPONSIVE = """
import time
from jeepney import DBusAddress, message_bus
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import new_method_call
with open_dbus_connection(bus="SESSION") as bus:
    bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))
    print("ready", flush=True)
    time.sleep(600)
"""

needs_gnome_keyring = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-daemon")),
    reason="GNOME Keyring is not installed (Linux: packages gnome-keyring and dbus)",
)


@dataclass(frozen=True)
class KeyringSession:
    """A private D-Bus session; programs use it with the variables in `environment`."""

    home: Path
    environment: dict[str, str]

    def unlock(self) -> None:
        """Start GNOME Keyring; create and unlock its default keyring."""
        self._start("--unlock", PASSWORD)

    def start_locked(self) -> None:
        """Create a keyring and restart it locked, as after a log-in without a password."""
        self.unlock()
        self._stop_keyring()
        self._start("--start", b"")

    def files(self) -> Iterator[Path]:
        """Iterate over every file that the keyring has written."""
        return (path for path in self.home.rglob("*") if path.is_file())

    def start_unresponsive(self) -> "subprocess.Popen[bytes]":
        """Start a keyring that never answers; the caller must kill the process."""
        process = subprocess.Popen(
            [sys.executable, "-c", _UNRESPONSIVE], env=self.environment, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    def _start(self, mode: str, password: bytes) -> None:
        subprocess.run(
            ["gnome-keyring-daemon", mode, "--components=secrets", "--daemonize"],  # noqa: S607
            input=password,
            env=self.environment,
            check=True,
            capture_output=True,
            timeout=20,
        )

    def _stop_keyring(self) -> None:
        for process in _find_processes(self.home, "gnome-keyring-d"):
            os.kill(process, signal.SIGTERM)
            _wait_for_end(process)


@contextmanager
def keyring_session(home: Path) -> Iterator[KeyringSession]:
    """Run a private bus while the block runs; programs on it end with it."""
    home.mkdir(parents=True, exist_ok=True)
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    environment = {
        name: value
        for name, value in os.environ.items()
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
        session = KeyringSession(home, environment)
        try:
            yield session
        finally:
            session._stop_keyring()
            bus.terminate()


def _find_processes(home: Path, name: str) -> list[int]:
    """Return the IDs of the processes with this name and this HOME."""
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

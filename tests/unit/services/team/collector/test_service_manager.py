import socket
import sys
from pathlib import Path

import pytest

from ibconsole.services.team.collector.service_manager import ServiceManager

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")


@pytest.mark.parametrize(
    "is_abstract",
    [
        False,
        pytest.param(
            True,
            marks=pytest.mark.skipif(
                sys.platform != "linux", reason="only Linux has sockets without a path"
            ),
        ),
    ],
)
def test_systemd_is_notified(tmp_path: Path, *, is_abstract: bool) -> None:
    """Start, watchdog, a status that changes, more time and the end are datagrams to its socket."""
    path = f"@{tmp_path}" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0{path[1:]}" if is_abstract else path)
        systemd.settimeout(5)
        environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}
        manager = ServiceManager(environment, process=7)
        manager.report_ready()
        manager.report_alive()
        for _ in range(2):
            manager.report_status("Two\nlines.")
        manager.extend_timeout(1.5)
        manager.report_stopping()

        received = [systemd.recv(1_000).decode() for _ in range(5)]

    assert manager.watchdog_seconds == 30
    assert received == [
        *("READY=1", "WATCHDOG=1", "STATUS=Two lines.", "EXTEND_TIMEOUT_USEC=1500000"),
        "STOPPING=1",
    ]


def test_nothing_is_sent_without_systemd(tmp_path: Path) -> None:
    """Without a socket, with one that is gone, or with a watchdog of another process: silence."""
    gone = {"NOTIFY_SOCKET": str(tmp_path / "gone"), "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"}
    for environment in ({}, gone):
        manager = ServiceManager(environment, process=7)
        manager.report_ready()
        manager.report_alive()

        assert manager.watchdog_seconds is None

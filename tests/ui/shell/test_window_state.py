import os
import socket
import stat
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from pytestqt.qtbot import QtBot

from ibconsole.model.application import read_applications
from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import ConnectionStatus
from ibconsole.ui.first_frame.last_seen import Area, LastSeen
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.shell.window_state import WindowState
from ibconsole.ui.timeline.range_choice import TimelineRange
from ibconsole.ui.toolkit.theme import Scheme, Theme
from tests.ui.whole_window import WholeWindow, compose_window


def test_sizes_and_choices_are_saved(tmp_path: Path) -> None:
    """Colours and sizes are restored at the next start, from a file only its owner can read."""
    path = tmp_path / "data" / "window.ini"
    first = WindowState(path)
    first.scheme = Scheme.DARK
    first.utc = True
    first.set_number("limit", 25)
    first.set_layout("window", QByteArray(b"\x00\x01"))
    first.save()

    again = WindowState(path)
    assert again.scheme is Scheme.DARK
    assert again.utc
    assert again.number("limit", 10) == 25
    assert again.number("unknown", 10) == 10
    assert again.layout("window") == QByteArray(b"\x00\x01")
    assert again.layout("unknown").isEmpty()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "damaged", [b"", b"scheme=purple\n", b"\xff\xfe[[[", b"[General]\nscheme=\n[numbers]\nlimit=x"]
)
def test_a_damaged_file_gives_defaults(tmp_path: Path, damaged: bytes) -> None:
    """A value that cannot be read counts as never saved."""
    path = tmp_path / "window.ini"
    path.write_bytes(damaged)

    assert WindowState(path).scheme is Scheme.SYSTEM
    assert not WindowState(path).utc
    assert WindowState(path).number("limit", 10) == 10


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs special files")
@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_what_is_no_file_is_left_alone(tmp_path: Path, kind: str) -> None:
    """A pipe, a socket or a device in the place of the file is neither waited for nor replaced."""
    path = tmp_path / "window.ini"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    before = path.lstat()

    window_state = WindowState(path)
    window_state.utc = True
    window_state.save()

    assert window_state.utc
    assert os.path.samestat(before, path.lstat())


def test_the_listener_address_is_saved(tmp_path: Path) -> None:
    """The chosen listener address is restored at the next start; at first there is none."""
    path = tmp_path / "window.ini"
    window_state = WindowState(path)
    assert window_state.listener_host == ""

    window_state.listener_host = "10.0.0.7"
    window_state.save()
    assert WindowState(path).listener_host == "10.0.0.7"


async def test_the_layout_is_restored(
    whole_window: WholeWindow, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    """Hidden panes, UTC and the pull limit are saved when the window closes, and restored."""
    whole_window.command("Show inspector").trigger()
    whole_window.command("Show route").trigger()
    whole_window.command("Times in UTC").trigger()
    whole_window.window.messages.toolbar.pulling.limit.setValue(17)
    whole_window.window.messages.toolbar.pulling.batch = 170
    assert not whole_window.window.inspector.isVisible()
    whole_window.window.close()

    paths = Paths(tmp_path)
    async with AsyncReader(paths.archive) as reader:
        again = compose_window(MainWindow(), reader, theme, paths)
        qtbot.addWidget(again.window)
        again.window.show()
        assert not again.window.inspector.isVisible()
        assert not again.command("Show inspector").isChecked()
        assert again.window.time_display.utc
        assert again.window.messages.toolbar.pulling.limit.value() == 17
        assert again.window.messages.toolbar.pulling.batch == 170
        again.command("Show inspector").trigger()
        assert again.window.inspector.isVisible()
        again.window.close()


async def test_names_are_remembered_for_the_first_frame(
    whole_window: WholeWindow, tmp_path: Path
) -> None:
    """Places, the connection and names of applications are saved; no code and no URL is."""
    window = whole_window.window
    connection = ConnectionStatus(
        name="Acme",
        base_url="https://secret-host.example",
        label="key 1234…",
        environment="production",
        colour="teal",
        id="1f-2e",
    )
    applications = read_applications(
        [
            {"applicationCode": "aaaa-code", "id": "1", "name": "Bora\nBank"},
            {"applicationCode": "bbbb-code", "id": "2", "name": ""},
        ]
    )
    window.bar.show_connection(connection)
    window.setup.applications_pane.show_applications(applications)
    window.close()

    text = (tmp_path / "window.ini").read_text()
    seen = WindowState(tmp_path / "window.ini").last_seen("1f-2e")
    assert seen is not None
    assert (seen.connection, seen.environment, seen.colour) == ("Acme", "production", "teal")
    assert len(seen.applications) == 1
    assert "Bora" in seen.applications[0]
    assert [one.titles[0] for one in seen.areas][:3] == ["Applications", "Configuration", "Actions"]
    assert not any(word in text for word in ("-code", "secret-host", "1234"))


@pytest.mark.parametrize(("environment", "uuid"), [("sandbox", "1f-2e"), ("production", "")])
async def test_names_of_the_sandbox_are_not_remembered(
    whole_window: WholeWindow, tmp_path: Path, environment: str, uuid: str
) -> None:
    """Only a saved connection to a real account leaves its names for the first frame."""
    window = whole_window.window
    window.bar.show_connection(ConnectionStatus(name="Acme", environment=environment, id=uuid))
    window.close()

    seen = WindowState(tmp_path / "window.ini").last_seen("1f-2e")
    assert seen is not None
    assert seen == seen.without_names


async def test_a_window_that_is_closed_early_keeps_the_record(
    whole_window: WholeWindow, tmp_path: Path
) -> None:
    """Places and names are replaced only by those of panes that were shown."""
    window, state = whole_window.window, WindowState(tmp_path / "window.ini")
    earlier = LastSeen((900, 600), 1, (Area(("Applications",), 0, 60, 300, 200),))
    state.set_last_seen(earlier)
    state.save()

    window.centralWidget().hide()
    window.close()

    assert WindowState(tmp_path / "window.ini").last_seen("") == earlier


def test_a_directory_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """Without a file the window has its defaults; the archive says what is wrong."""
    (tmp_path / "file").touch()

    assert WindowState(tmp_path / "file" / "window.ini").scheme is Scheme.SYSTEM


async def test_what_late_tabs_saved_is_kept(
    whole_window: WholeWindow, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    """A window that never showed a tab keeps its sizes and choices for the next one."""
    window = whole_window.window
    window.listener.toolbar.address.select("0.0.0.0")  # noqa: S104 chosen, not opened
    window.activity.splitter.setSizes([100, 900])
    window.timeline.choose_range(TimelineRange.MONTH)
    window.tabs.setCurrentWidget(window.timeline)
    host, layout = window.listener.toolbar.address.host, window.activity.splitter.saveState()
    window.close()

    paths = Paths(tmp_path)
    async with AsyncReader(paths.archive) as reader:
        for shown in (False, True):
            again = compose_window(MainWindow(), reader, theme, paths)
            qtbot.addWidget(again.window)
            if shown:
                assert again.window.listener.toolbar.address.host == host
                assert again.window.activity.splitter.saveState() == layout
                assert again.window.timeline.chosen_range is TimelineRange.MONTH
            assert again.window.tabs.tabText(again.window.tabs.currentIndex()) == "Timeline"
            again.window.close()
    assert WindowState(paths.window).listener_host == host

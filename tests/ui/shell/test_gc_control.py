import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.gc_control import GarbageCollection


@pytest.fixture
def garbage(qtbot: QtBot) -> Iterator[GarbageCollection]:
    garbage = GarbageCollection()
    garbage.start()
    yield garbage
    garbage.stop()


class Cycle(QObject):
    """A Qt object that only the collector can end, and that tells where it did."""

    def __init__(self, ended: list[str]) -> None:
        super().__init__()
        self.timer = QTimer(self)
        self.myself = self
        self.ended = ended

    def __del__(self) -> None:
        self.ended.append(threading.current_thread().name)


def make_garbage() -> None:
    for _ in range(20):
        [[number] for number in range(2_000)]


def test_no_qt_object_ends_on_a_foreign_thread(garbage: GarbageCollection, qtbot: QtBot) -> None:
    """Whatever another thread allocates, cycles of Qt objects end on the window's thread."""
    ended: list[str] = []
    for _ in range(50):
        Cycle(ended)

    thread = threading.Thread(target=make_garbage, name="engine")
    thread.start()
    thread.join()
    assert ended == []

    qtbot.waitUntil(lambda: len(ended) == 50 or bool(gc.collect()) or len(ended) == 50)
    assert set(ended) == {threading.current_thread().name}


def test_the_automatic_collector_comes_back(qtbot: QtBot) -> None:
    """Who takes over hands back."""
    garbage = GarbageCollection()
    garbage.start()
    assert not gc.isenabled()

    garbage.stop()
    assert gc.isenabled()


def test_what_is_due_is_collected(garbage: GarbageCollection) -> None:
    """The window's own collector works by the same thresholds."""
    kept = [[number] for number in range(2 * gc.get_threshold()[0])]
    assert gc.get_count()[0] > gc.get_threshold()[0]

    garbage.collect()

    assert gc.get_count()[0] < len(kept)

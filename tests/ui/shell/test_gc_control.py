import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.gc_control import GarbageCollection


@pytest.fixture
def collection(qtbot: QtBot) -> Iterator[GarbageCollection]:
    collection = GarbageCollection()
    collection.start()
    yield collection
    collection.stop()


class Cycle(QObject):
    """A Qt object in a reference cycle that records the thread of its destruction."""

    def __init__(self, threads: list[str]) -> None:
        super().__init__()
        self.timer = QTimer(self)
        self.cycle = self
        self.threads = threads

    def __del__(self) -> None:
        self.threads.append(threading.current_thread().name)


def make_garbage() -> None:
    for _ in range(20):
        [[number] for number in range(2_000)]


def test_qt_objects_are_threads_the_window_thread(
    collection: GarbageCollection, qtbot: QtBot
) -> None:
    """Allocations on another thread never destroy Qt objects there."""
    threads: list[str] = []
    for _ in range(50):
        Cycle(threads)

    thread = threading.Thread(target=make_garbage, name="engine")
    thread.start()
    thread.join()
    assert threads == []

    qtbot.waitUntil(lambda: len(threads) == 50 or bool(gc.collect()) or len(threads) == 50)
    assert set(threads) == {threading.current_thread().name}


def test_stopping_enables_the_automatic_collector(qtbot: QtBot) -> None:
    """The automatic collector is off between start and stop, and on afterwards."""
    collection = GarbageCollection()
    collection.start()
    assert not gc.isenabled()

    collection.stop()
    assert gc.isenabled()


def test_a_full_generation_is_collected(collection: GarbageCollection) -> None:
    """Collections on the window's thread use Python's own thresholds."""
    kept = [[number] for number in range(2 * gc.get_threshold()[0])]
    assert gc.get_count()[0] > gc.get_threshold()[0]

    collection.collect()

    assert gc.get_count()[0] < len(kept)


def test_many_new_objects_are_not_scanned(collection: GarbageCollection) -> None:
    """A long list that was read is left out of all later collections, until the end."""
    before = gc.get_freeze_count()
    objects = [[number] for number in range(50_000)]

    collection.collect()

    assert gc.get_freeze_count() - before >= len(objects)

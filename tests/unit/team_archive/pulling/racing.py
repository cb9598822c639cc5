"""A process that acquires the lock of the pulls again and again, or holds it; for tests.

python racing.py DATABASE NAME ROUNDS MARKER: pulls so often; fails if another pulls at once.
python racing.py DATABASE NAME hold MARKER: acquires the lock, begins a pull, and waits.
"""

import os
import sys
import time
from pathlib import Path

from ibconsole.team_archive import TeamAddress
from tests.unit.team_archive.pulling.sessions import lock_of


def race(address: TeamAddress, name: str, rounds: int, marker: Path) -> int:
    """Pull `rounds` times; the marker exists during a pull, and only one process creates it."""
    session, lock = lock_of(address, name)
    with session:
        while rounds:
            if not lock.acquire():
                continue
            lock.begin_pull()
            try:
                os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return 1
            time.sleep(0.001)
            marker.unlink()
            assert lock.epoch is not None
            lock.end_pull(lock.epoch)
            lock.release()
            rounds -= 1
    return 0


def hold(address: TeamAddress, name: str, marker: Path) -> None:
    """Pull until the process is stopped."""
    session, lock = lock_of(address, name, is_collector=True, silence=1)
    with session:
        assert lock.acquire()
        lock.begin_pull()
        marker.touch()
        while True:
            time.sleep(0.2)
            lock.keep()


if __name__ == "__main__":
    database, own_name, amount, path = sys.argv[1:]
    own_address = TeamAddress(database, "acme")
    if amount == "hold":
        hold(own_address, own_name, Path(path))
    sys.exit(race(own_address, own_name, int(amount), Path(path)))

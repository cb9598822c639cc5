"""The computer's clock, in the unit that the archive and the window keep time in."""

import time


def now_ms() -> int:
    """Read the wall clock: milliseconds since the epoch, UTC. It may jump either way."""
    return time.time_ns() // 1_000_000

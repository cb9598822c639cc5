"""The computer's clock, in the unit that the archive and the window use."""

import time


def now_ms() -> int:
    """Return the wall clock in milliseconds since the epoch, UTC; it may jump either way."""
    return time.time_ns() // 1_000_000

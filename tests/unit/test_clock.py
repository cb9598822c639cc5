"""The computer's clock."""

import time

from ibconsole.clock import now_ms


def test_milliseconds() -> None:
    """The time is in milliseconds since the epoch."""
    before = time.time()
    now = now_ms()

    assert before * 1000 - 1 <= now <= time.time() * 1000

"""Notices that somebody else takes messages from the same account.

The platform has no word for it (platform.md §4); but what waits can only grow, save for what
our own pulls take.
"""

_TIMES = 2  # once may be a message that the platform itself dropped


class Rivals:
    """Keeps account of what should still be waiting, pull by pull."""

    def __init__(self) -> None:
        self._pending: int | None = None
        self._times = 0
        self._missing = 0

    def note(self, taken: int, pending: int | None) -> None:
        """A pull took so many messages, and so many are said to be waiting behind it.

        Where that was not said nothing can be concluded from it, nor from the next one.
        """
        missing = 0
        if pending is not None and self._pending is not None:
            missing = self._pending - taken - pending
        self._pending = pending
        if missing > 0:
            self._times += 1
            self._missing += missing
        else:
            self._times = self._missing = 0

    @property
    def sentence(self) -> str:
        """What there is to say about it; empty as long as nothing speaks for it."""
        if self._times < _TIMES:
            return ""
        messages = "1 message has" if self._missing == 1 else f"{self._missing:,} messages have"
        return (
            f"Somebody else seems to be pulling from this account: {messages} gone from those"
            " that waited, and our own pulls did not take them."
        )

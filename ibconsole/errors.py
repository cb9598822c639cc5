"""The root of all errors that are not bugs, and the levels of severity."""

from enum import StrEnum


class Severity(StrEnum):
    """The severity of a message or state. The values name styles in `resources/ibconsole.qss`."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    DANGER = "danger"
    MUTED = "muted"  # less important; needs no action


class UserError(Exception):
    """A failure that the user can understand and act on.

    `str(error)` is the sentence shown; `details` are for support, empty if there are none.
    An exception that is not a UserError is a bug.
    """

    def __init__(self, sentence: str = "", *, details: str = "") -> None:
        super().__init__(sentence)
        self.details = details

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that a terminal shows: the sentence, unless an error lists several problems."""
        return (str(self),)

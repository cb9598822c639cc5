"""The root of every error that is not a bug, and how serious something is."""

from enum import StrEnum


class Severity(StrEnum):
    """How serious something is. The values name styles in `resources/ibconsole.qss`."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    DANGER = "danger"
    MUTED = "muted"  # of lesser weight; nothing to act on


class UserError(Exception):
    """Something failed that the user can understand and act on.

    `str(error)` is the sentence shown; `details` are for support, empty if there are none.
    Whatever is not a UserError is a bug.
    """

    def __init__(self, sentence: str = "", *, details: str = "") -> None:
        super().__init__(sentence)
        self.details = details

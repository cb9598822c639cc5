"""The one place that says why the setup could not be read; the panes below keep their content."""

from enum import StrEnum

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.ui.toolkit import Command, Theme, brief, times
from ibconsole.ui.widgets import Banner

_UNAUTHORIZED = 401
_EDIT, _RETRY = "Edit connection…", "Retry"


class SetupSource(StrEnum):
    """The requests that fill the panes; each may fail alone."""

    APPLICATIONS = "applications"
    SETUP = "setup"


class _Failure(msgspec.Struct, frozen=True):
    error: UserError
    read_at: int | None


class FailureBanner(Banner):
    """A sentence of at most two lines, the rest under Details, and the sensible action.

    The failure of the list of applications is shown before that of one application's setup.
    """

    retry_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._failures: dict[SetupSource, _Failure] = {}
        self._edit: Command | None = None
        self.action_requested.connect(self._on_action_requested)

    def follow(self, edit: Command) -> None:
        """Offer this command where another credential would help."""
        self._edit = edit

    def show_failure(self, source: SetupSource, error: UserError, read_at: int | None) -> None:
        """Show why a source could not be read; what is shown below was read at `read_at`."""
        self._failures[source] = _Failure(error, read_at)
        self._update()

    def clear_failure(self, *sources: SetupSource) -> None:
        """Remove the failure of these sources, which were read or belong to the past."""
        for source in sources:
            self._failures.pop(source, None)
        self._update()

    @property
    def _shown(self) -> _Failure | None:
        return next((self._failures[one] for one in SetupSource if one in self._failures), None)

    @property
    def _edits(self) -> bool:
        failure = self._shown
        unauthorized = failure and getattr(failure.error, "status", None) == _UNAUTHORIZED
        return bool(unauthorized and self._edit and self._edit.isEnabled())

    def _update(self) -> None:
        failure = self._shown
        if failure is None:
            self.clear()
            return
        sentence, details = brief(failure.error)
        self.show_notice(
            Severity.DANGER,
            f"{_outcome(failure.read_at)} {sentence}".strip(),
            action=_EDIT if self._edits else _RETRY,
            details=details,
            closable=False,
        )

    def _on_action_requested(self) -> None:
        if self._edits and self._edit:
            self._edit.trigger()
        else:
            self.retry_requested.emit()


def _outcome(read_at: int | None) -> str:
    return "" if read_at is None else f"Refresh failed; showing data from {times.minute(read_at)}."

"""The record that a timeline is read from: the archive on this disk, or that of a team."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from ibconsole.archive import AuditFilter, AuditRow, audit_complete_from, read_audit
from ibconsole.archive.history import (
    MessageActivity,
    SetupPart,
    SetupPoint,
    StoredTest,
    current_applications,
    latest_arrival,
    message_activity,
    point_at,
    points_of,
    stored_tests,
)
from ibconsole.files import is_missing


class HistorySource(Protocol):
    """The setups of one connection over time, and what belongs to them; synchronous.

    The functions and their values are those of `archive.history`. `exists` is false if nothing was
    ever recorded. `attributable_from` is the time from which all own changes are known.
    """

    @property
    def exists(self) -> bool: ...

    def points_of(
        self, application: str, part: SetupPart | None = None, *, since: int = 0
    ) -> Iterable[SetupPoint]: ...

    def point_at(
        self, application: str, part: SetupPart, at: int | None = None
    ) -> SetupPoint | None: ...

    def current_applications(self) -> Iterable[tuple[str, bytes]]: ...
    def message_activity(self, application: str, since: int, until: int) -> MessageActivity: ...
    def latest_arrival(self, application: str) -> int | None: ...
    def stored_tests(self, urls: Sequence[str], since: int, until: int) -> Sequence[StoredTest]: ...
    def audit(self, application: str) -> Sequence[AuditRow]: ...
    def attributable_from(self) -> int: ...


class DiskHistory:
    """The history of a connection in an archive, as a `HistorySource`.

    Every method may raise ArchiveError. Without a `connection` the applications are those of any.
    """

    def __init__(self, path: Path, connection: str = "") -> None:
        self._path = path
        self._connection = connection

    @property
    def exists(self) -> bool:
        """True if there is an archive."""
        return not is_missing(self._path)

    def points_of(
        self, application: str, part: SetupPart | None = None, *, since: int = 0
    ) -> Iterable[SetupPoint]:
        """Return the points of an application, or those of one part, oldest first."""
        return points_of(self._path, self._connection, application, part, since=since)

    def point_at(
        self, application: str, part: SetupPart, at: int | None = None
    ) -> SetupPoint | None:
        """Return the point that applied at a time, or the current one; None before the first."""
        return point_at(self._path, self._connection, application, part, at)

    def current_applications(self) -> Iterable[tuple[str, bytes]]:
        """Return connection and content of each application that was listed last."""
        return current_applications(self._path, self._connection)

    def message_activity(self, application: str, since: int, until: int) -> MessageActivity:
        """Count the messages of an application in a period by hour and way."""
        return message_activity(self._path, application, since, until)

    def latest_arrival(self, application: str) -> int | None:
        """Return the time at which the last message of an application arrived."""
        return latest_arrival(self._path, application)

    def stored_tests(self, urls: Sequence[str], since: int, until: int) -> Sequence[StoredTest]:
        """Return the latest tests of these URLs, oldest first."""
        return stored_tests(self._path, urls, since, until)

    def audit(self, application: str) -> Sequence[AuditRow]:
        """Return the calls about an application on any connection, oldest first."""
        return list(read_audit(self._path, AuditFilter(application=application)))

    def attributable_from(self) -> int:
        """Return the time from which the audit is complete."""
        return audit_complete_from(self._path) or 0

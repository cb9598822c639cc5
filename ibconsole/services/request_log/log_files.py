"""The program's log files: few and bounded, without credentials and application codes.

Each process writes its own file, so that none is shared or renamed by another process.
"""

import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from ibconsole.secret import MASK, Secret

KEPT = 10  # files of former runs
LARGEST = 1 << 20  # bytes of a file
_PATTERNS = (
    # Credentials by their form, of any account (platform.md §6).
    (re.compile(r"\b(App|Basic|Bearer|IBSSO)\s+[\w.~+/=:-]{6,}"), rf"\1 {MASK}"),
    (
        re.compile(r"(?i)\b(client_secret|access_token|api_?key|password)(\W{1,4})[\w.~+/=:-]+"),
        rf"\1\2{MASK}",
    ),
    # Application codes are the mobile SDK's credential (platform.md §3).
    (re.compile(r"(/applications/)[^/\s?]+"), rf"\1{MASK}"),
    (re.compile(r"\b[0-9a-f]{32}-[0-9a-z]{8}-[0-9a-z-]{22,27}\b", re.IGNORECASE), MASK),
    # Forward URLs are sensitive: only their path keeps others out (platform.md §5).
    (re.compile(r"(/inbound/)[\w-]+"), rf"\1{MASK}"),
)


class Redactor:
    """Masks secrets in texts: those that were added, and everything that looks like one."""

    def __init__(self) -> None:
        self._secrets: frozenset[Secret] = frozenset()

    def add_secrets(self, *secrets: Secret) -> None:
        """Mask these secrets from now on. Any thread may call it; empty ones are ignored."""
        self._secrets |= {secret for secret in secrets if secret.reveal()}

    @property
    def secrets(self) -> frozenset[Secret]:
        """The secrets that were added."""
        return self._secrets

    def redact(self, text: str) -> str:
        """Return the text with its secrets masked."""
        for secret in self._secrets:
            text = secret.mask(text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


class _RedactingFormatter(logging.Formatter):
    """Formats whole records, tracebacks included, and redacts the result."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.redact(super().format(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 logging's names
        created_at = datetime.fromtimestamp(record.created, UTC)
        return created_at.isoformat(timespec="milliseconds")


class _LogFile(RotatingFileHandler):
    """Says once, instead of a traceback for each record, that the log cannot be written any more.

    As when its directory is deleted while the program runs, or the disk is full.
    """

    _failed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 logging's name
        error = sys.exception()
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._failed:
            self._failed = True
            sys.stderr.write(f"The log {self.baseFilename} ends: {error.strerror or error}.\n")


@contextmanager
def logging_to(
    directory: Path, redactor: Redactor, *, largest: int = LARGEST
) -> Iterator[Path | None]:
    """Write the log to a new file in the directory while the block runs; yield the file.

    The file is rotated once it has `largest` bytes. Only the newest ten files of former runs
    are kept. If the log cannot be written, this is reported on stderr, None is yielded, and
    the program continues.
    """
    root = logging.getLogger()
    try:
        _delete_old_files(directory)
        path = create_log_file(directory)
        handler = _LogFile(path, maxBytes=largest, backupCount=1, encoding="utf-8")
    except OSError as error:
        sys.stderr.write(f"There is no log: {directory} cannot be written ({error.strerror}).\n")
        yield None
        return
    handler.setFormatter(_RedactingFormatter(redactor))
    level = root.level
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        yield path
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()


def create_log_file(directory: Path, suffix: str = "") -> Path:
    """Create an empty log file, 0600, named after the time and this process; return its path."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = directory / f"ibconsole-{stamp}-{os.getpid()}{suffix}.log"
    path.touch(mode=0o600)
    return path


def _delete_old_files(directory: Path) -> None:
    former = sorted(directory.glob("*.log*"), key=lambda path: path.name)
    for path in former[: max(0, len(former) - 2 * KEPT + 1)]:
        with suppress(OSError):  # in use by another process, or deleted already
            path.unlink()

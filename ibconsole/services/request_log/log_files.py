"""The program's log: a few bounded files, in which no credential and no code is ever written.

Each process writes a file of its own, so that none has to be shared or renamed under another.
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
_LARGEST = 1 << 20
_PATTERNS = (
    # Credentials by their form, whoever's they are (platform.md §6).
    (re.compile(r"\b(App|Basic|Bearer|IBSSO)\s+[\w.~+/=:-]{6,}"), rf"\1 {MASK}"),
    (
        re.compile(r"(?i)\b(client_secret|access_token|api_?key|password)(\W{1,4})[\w.~+/=:-]+"),
        rf"\1\2{MASK}",
    ),
    # Application codes are the mobile SDK's credential (platform.md §3).
    (re.compile(r"(/applications/)[^/\s?]+"), rf"\1{MASK}"),
    (re.compile(r"\b[0-9a-f]{32}-[0-9a-z]{8}-[0-9a-z-]{22,27}\b", re.IGNORECASE), MASK),
    # Forward URLs are sensitive: their path is all that keeps strangers out (platform.md §5).
    (re.compile(r"(/inbound/)[\w-]+"), rf"\1{MASK}"),
)


class Redactor:
    """Takes out of a text what must not be written: the secrets it was told, and what looks so."""

    def __init__(self) -> None:
        self._secrets: frozenset[Secret] = frozenset()

    def learn(self, *secrets: Secret) -> None:
        """Mask these from now on; may be called on any thread."""
        self._secrets |= {secret for secret in secrets if secret.reveal()}

    def redact(self, text: str) -> str:
        """The text without them."""
        for secret in self._secrets:
            text = secret.mask(text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


class _Redacted(logging.Formatter):
    """Formats whole entries, tracebacks included, and redacts the result."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.redact(super().format(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 logging's
        moment = datetime.fromtimestamp(record.created, UTC)
        return moment.isoformat(timespec="milliseconds")


@contextmanager
def logging_to(directory: Path, redactor: Redactor) -> Iterator[Path | None]:
    """Write the log there while the block runs; the file, None if it cannot be written.

    Only the newest ten files of former runs are kept. A program that cannot log says so on
    stderr and goes on: its work is more important.
    """
    root = logging.getLogger()
    try:
        path = _new_file(directory)
        handler = RotatingFileHandler(path, maxBytes=_LARGEST, backupCount=1, encoding="utf-8")
    except OSError as error:
        sys.stderr.write(f"There is no log: {directory} cannot be written ({error.strerror}).\n")
        yield None
        return
    handler.setFormatter(_Redacted(redactor))
    level = root.level
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        yield path
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()


def _new_file(directory: Path) -> Path:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    former = sorted(directory.glob("*.log*"), key=lambda path: path.name)
    for path in former[: max(0, len(former) - 2 * KEPT + 1)]:
        with suppress(OSError):  # in use by another process, or gone already
            path.unlink()
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = directory / f"ibconsole-{stamp}-{os.getpid()}.log"
    path.touch(mode=0o600)
    return path

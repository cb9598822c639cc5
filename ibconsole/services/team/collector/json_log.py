"""The log of a collector: a JSON object in each line of stderr, with secrets masked."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from ibconsole.services.request_log import Redactor

_LEVELS = {"WARNING": "warning", "CRITICAL": "error"}
_FIELDS = "fields"


class JsonFormatter(logging.Formatter):
    """Formats a record as one line: time, level, message, logger, error, and fields of its own.

    The fields are those of `extra={"fields": {...}}`.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        level = _LEVELS.get(record.levelname, record.levelname.lower())
        document: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": level,
            "message": record.getMessage(),
            "logger": record.name,
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info:
            document["error"] = self.formatException(record.exc_info)
        masked = {
            name: self._redactor.redact(value) if isinstance(value, str) else value
            for name, value in document.items()
        }
        return json.dumps(masked, ensure_ascii=False, default=str)


@contextmanager
def logging_as_json(redactor: Redactor, level: int = logging.INFO) -> Iterator[None]:
    """Write the log to stderr, a JSON object in each line, while the block runs."""
    root, handler = logging.getLogger(), logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(redactor))
    before = root.level
    root.setLevel(level)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)

"""Keeps what a program says when it ends as it should not: there may be no terminal to read it.

A traceback, Qt's reason for giving up, and where every thread was when native code crashed.
"""

import faulthandler
import logging
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from ibconsole.services.request_log.log_files import Redactor

_DEADLY = (Exception,)


@contextmanager
def crash_log(directory: Path) -> Iterator[Path | None]:
    """Write them to a file there, which is gone again if there were none.

    Yields the file; None where it cannot be written: then they are said on stderr alone. An
    error goes on its way.
    """
    try:
        file = _open(directory)
    except OSError:
        yield None
        return
    path = Path(file.name)
    handler = _Fatal(file)
    logging.getLogger().addHandler(handler)
    faulthandler.enable(file)
    try:
        yield path
    except _DEADLY as error:
        file.write(Redactor().redact("".join(traceback.format_exception(error))))
        raise
    finally:
        faulthandler.disable()
        logging.getLogger().removeHandler(handler)
        file.close()
        if not path.stat().st_size:
            path.unlink()


class _Fatal(logging.StreamHandler[TextIO]):
    """Takes only what is said before the program is ended by somebody else."""

    def __init__(self, file: TextIO) -> None:
        super().__init__(file)
        self.setLevel(logging.CRITICAL)


def _open(directory: Path) -> TextIO:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = directory / f"ibconsole-{stamp}-{os.getpid()}-crash.log"
    path.touch(mode=0o600)
    return path.open("w", encoding="utf-8", buffering=1)

"""The crash log: the reason why the program ended unexpectedly, when no terminal shows it.

It contains a traceback, Qt's fatal message, or the stack of every thread at a crash in native code.
"""

import faulthandler
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from ibconsole.services.request_log.log_files import Redactor, create_log_file


@contextmanager
def crash_log(directory: Path) -> Iterator[Path | None]:
    """Write crashes in the block to a new file in the directory; remove it if there were none.

    Yields the file; None if it cannot be written: then crashes are reported on stderr only. An
    exception is logged and raised again.
    """
    try:
        path = create_log_file(directory, "-crash")
        file = path.open("w", encoding="utf-8", buffering=1)
    except OSError:
        yield None
        return
    handler = _FatalHandler(file)
    logging.getLogger().addHandler(handler)
    faulthandler.enable(file)
    try:
        yield path
    except Exception as error:  # every exception that leaves the program is a crash
        file.write(Redactor().redact("".join(traceback.format_exception(error))))
        raise
    finally:
        faulthandler.disable()
        logging.getLogger().removeHandler(handler)
        file.close()
        with suppress(FileNotFoundError):  # it was deleted meanwhile, as its directory was
            if not path.stat().st_size:
                path.unlink()


class _FatalHandler(logging.StreamHandler[TextIO]):
    """Writes critical messages only, such as the one before Qt aborts the process."""

    def __init__(self, file: TextIO) -> None:
        super().__init__(file)
        self.setLevel(logging.CRITICAL)

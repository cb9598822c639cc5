"""Reading the archive from a terminal."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ibconsole.archive import Archive, Delivery, Reader, Recovery
from ibconsole.errors import UserError
from ibconsole.services.places import find_places


class NoSuchMessage(UserError):
    """There is no message of that id."""


@contextmanager
def open_reader(data_dir: Path | None, tell: Callable[[str], None]) -> Iterator[Reader]:
    """A reader on the data directory's archive, which is made or mended first if need be.

    `tell` is called with a sentence if there was something to mend.
    """
    path = find_places(data_dir).archive
    with Archive(path) as archive:
        if sentence := recovery_told(archive.recover()):
            tell(sentence)
    with Reader(path) as reader:
        yield reader


def recovery_told(recovery: Recovery) -> str:
    """One sentence about what a crash had left; empty if nothing was."""
    if not recovery.interrupted and not recovery.messages:
        return ""
    began = "Something was not decoded yet when the program last ended"
    if recovery.interrupted:
        began = _interruption(recovery.interrupted)
    messages = recovery.messages
    found = f"{messages} message{' was' if messages == 1 else 's were'} recovered"
    return f"{began}; {found} from the bytes on disk."


def _interruption(pulls: Sequence[Delivery]) -> str:
    last = datetime.fromtimestamp(pulls[-1].began_at / 1000).astimezone()
    when = last.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()
    if len(pulls) == 1:
        return f"1 pull was interrupted at {when}"
    return f"{len(pulls)} pulls were interrupted, the last one at {when}"

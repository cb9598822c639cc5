"""Reading the archive from a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ibconsole.archive import Archive, Reader, Recovery
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
    pulls = len(recovery.interrupted)
    began = "Something was not decoded yet"
    if pulls:
        began = f"{pulls} pull{' was' if pulls == 1 else 's were'} interrupted"
    messages = recovery.messages
    found = f"{messages} message{' was' if messages == 1 else 's were'} recovered"
    return f"{began} when the program last ended; {found} from the bytes on disk."

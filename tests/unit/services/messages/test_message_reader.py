"""One interface to every record of messages."""

import inspect

from ibconsole.archive.reader import Reader
from ibconsole.services.messages.message_reader import MessageReader


def test_the_archive_on_this_disk_is_such_a_record() -> None:
    """Each method takes the same parameters in the archive as in the interface."""
    names = [name for name in vars(MessageReader) if not name.startswith("_")]

    assert len(names) == 10
    for name in names:
        wanted = inspect.signature(getattr(MessageReader, name)).parameters
        assert list(inspect.signature(getattr(Reader, name)).parameters)[: len(wanted)] == list(
            wanted
        )

from pathlib import Path

import pytest

from ibconsole.archive import Archive
from ibconsole.services import Places, open_reader


def test_reading_finishes_what_a_crash_left(tmp_path: Path) -> None:
    """`messages list` after a crash shows the messages that were on disk already."""
    places = Places(tmp_path / "data")
    crashed = Archive(places.archive)
    delivery = crashed.begin_pull(connection=None, base_url="https://a", limit=None)
    crashed.append_body(delivery, b'{"results":[{"messageId":"1"},{"mess')
    crashed.close()

    told: list[str] = []
    with open_reader(places.data, told.append) as reader:
        assert reader.counts().messages == 1
    assert told == [
        "1 pull was interrupted when the program last ended;"
        " 1 message was recovered from the bytes on disk."
    ]


def test_there_need_not_be_an_archive(tmp_path: Path) -> None:
    """The first command of all may be a look at what is stored: nothing."""
    with open_reader(tmp_path / "new", pytest.fail) as reader:
        assert reader.counts().messages == 0

import re
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
    [sentence] = told
    assert re.fullmatch(
        r"1 pull was interrupted at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+;"
        r" 1 message was recovered from the bytes on disk\.",
        sentence,
    )


def test_several_interruptions_are_told_together(tmp_path: Path) -> None:
    """Each is kept; the last one's time is told."""
    places = Places(tmp_path / "data")
    for _ in range(2):
        crashed = Archive(places.archive)
        crashed.begin_pull(connection=None, base_url="https://a", limit=None)
        crashed.close()

    told: list[str] = []
    with open_reader(places.data, told.append):
        pass
    assert told[0].startswith("2 pulls were interrupted, the last one at ")


def test_there_need_not_be_an_archive(tmp_path: Path) -> None:
    """The first command of all may be a look at what is stored: nothing."""
    with open_reader(tmp_path / "new", pytest.fail) as reader:
        assert reader.counts().messages == 0

"""An application of stored messages is named by its code, or by what is shown of it."""

from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Via
from ibconsole.cli.message_filter import NoSuchCode, read_filter, with_code
from tests.unit.archive.deliveries import arrival, batch

CODES = ("1a2b-0000-0000-wxyz", "1a2b-1111-1111-wxyz", "9876543210abcdef")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        messages = [{"applicationCode": code, "messageId": code} for code in (*CODES, *CODES, "")]
        archive.decode(archive.add_forwards([arrival(batch(*messages))]))
    return path


def test_a_masked_code_is_as_good_as_a_code(path: Path) -> None:
    """With three dots as well; a code, also one that has no messages, stays as it is."""
    with Reader(path) as reader:
        assert reader.application_codes() == list(CODES)
        for typed in ("9876…cdef", "9876...cdef"):
            assert with_code(Filter(application=typed), reader).application == CODES[2]
        for typed in ("", CODES[0], "unknown"):
            assert with_code(Filter(application=typed), reader).application == typed


def test_a_masked_code_of_none_or_several_is_an_error(path: Path) -> None:
    with Reader(path) as reader:
        with pytest.raises(NoSuchCode, match=r"^Several .*: give the whole code\.$"):
            with_code(Filter(application="1a2b…wxyz"), reader)
        with pytest.raises(NoSuchCode, match=r"^No application "):
            with_code(Filter(application="none…here"), reader)


def test_options_are_a_filter() -> None:
    made = read_filter(application="a", via="pull", text="t", since="1970-01-01", until=None)

    assert (made.application, made.via, made.text, made.until) == ("a", Via.PULL, "t", None)
    assert made.since is not None
    assert read_filter(None, None, None, None, None) == Filter()

"""An application of stored messages is named by its code, or by what is shown of it."""

from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Via
from ibconsole.cli.message_filter import InvalidFilter, NoSuchCode, read_filter, with_code
from ibconsole.services.filtering import NoSuchMaskedCode
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

    criteria = made.criteria
    assert (criteria.application, criteria.via, criteria.text) == ("a", Via.PULL, "t")
    assert criteria.since is not None
    assert criteria.until is None
    assert read_filter(None, None, None, None, None).criteria == Filter()


def test_an_expression_is_added(path: Path) -> None:
    """What --filter asks for is in addition to the other options; codes may be masked."""
    chosen = read_filter(None, None, "t", None, None, "app:9876...cdef via:forward")
    unknown = read_filter(None, None, None, None, None, "app:none...here")

    with Reader(path) as reader:
        assert chosen.resolve(reader, path.parent) == Filter(
            text="t", application=CODES[2], via=Via.FORWARD
        )
        with pytest.raises(NoSuchMaskedCode):
            unknown.resolve(reader, path.parent)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("stop via:pul", ("  stop via:pul", "           ^")),
        ("\u4f60\u597d )", ("  \u4f60\u597d )", "       ^")),
        ("a\n\x1b)", ("  a  )", "     ^")),
        (f"{'x' * 100} )", (f"  {'x' * 59} )", f"  {' ' * 60}^")),
        ("a AND", ("  a AND", "       ^")),
    ],
)
def test_an_error_is_below_its_character(text: str, lines: tuple[str, str]) -> None:
    """The line of the filter is shown with a caret; characters of two columns count as two."""
    with pytest.raises(InvalidFilter) as caught:
        read_filter(None, None, None, None, None, text)

    assert caught.value.lines == (str(caught.value), *lines)

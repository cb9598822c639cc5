"""CSV cells: shown as they are by every spreadsheet, whatever it parts cells at."""

import csv
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.messages.spreadsheet import (
    encode_row,
    protect_id,
    protect_json,
    protect_text,
)

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
SEPARATORS = ";\t,|\r\n"


@pytest.mark.parametrize(
    ("text", "protected"),
    [
        ("=1+1", "'=1+1"),
        ("\uff1d1", "'\uff1d1"),
        (" \u3000=1", "' \u3000=1"),
        ('"=1"', '\'"=1"'),
        ("'=1", "''=1"),
        ('Ciao;=HYPERLINK("x","y")', 'Ciao;\'=HYPERLINK("x","y")'),
        ("a\t@x", "a\t'@x"),
        ("a,\u00a0+1", "a,'\u00a0+1"),
        ("a\r\n-x", "a\r'\n'-x"),
        ("\ttext", "'\ttext"),
        ("a = b; c - d", "a = b; c - d"),
        ("me@example.com, +5", "me@example.com,' +5"),
    ],
)
def test_formulas(text: str, protected: str) -> None:
    """A formula behind any separator, and behind blanks and quotes, is only text."""
    assert protect_text(text) == protected


@pytest.mark.parametrize(
    "text",
    [
        "1561984815238926404", "007", "1E5", "1e+5", "TRUE", "true", "WAHR", "ЛОЖЬ", "3-4", "3/4",
        "1 1/2", "12.5", "1,5", "5%", "$5", "5 €", "12:30", "5 pm", "12:30 AM", "Mar 5", "MAR1",
        "1 Mai 2026", "5. März", "2026年3月4日", "\uff13", "٣", "(5)", "#N/A", "#DIV/0!",
        "123456789012", "2026-03-04T12:30:00", " 5", "5 ", "1'000", "янв 5", "Mon, 3 Mar 2026",
    ],
)  # fmt: skip
def test_values(text: str) -> None:
    """What a spreadsheet would round or convert is a text, in the spelling of any country."""
    assert protect_text(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "5", "12345678901", "text", "3 pizzas", "PIZZA 5", "room 12b", "may", "a/b", "..."]
)
def test_plain_texts(text: str) -> None:
    """A text that every spreadsheet shows as it is stays as it is."""
    assert protect_text(text) == text


def test_ids() -> None:
    """An identifier of digits is a text, however short; others look like none."""
    assert protect_id("5") == "'5"
    assert protect_id("69827EDB-A806-4AF6-A7F6-98298EAA4F14").startswith("6")


@given(text=st.text(alphabet=f"a1 \"'\u3000{SIGNS}{SEPARATORS}", max_size=12))
def test_no_part_is_a_formula(text: str) -> None:
    """Whatever a text is parted at, no part of it begins like a formula."""
    for part in re.split(f"[{SEPARATORS}]", protect_text(text)):
        assert not part.lstrip(' "\u3000').startswith(tuple(SIGNS))
        assert part.startswith("'") or not part.lstrip(" \"'\u3000").startswith(tuple(SIGNS))


@given(
    value=st.dictionaries(
        st.text(alphabet=f'a"\\{SIGNS}{SEPARATORS}', max_size=6),
        st.text(alphabet=f'a"\\ {SIGNS}{SEPARATORS}', max_size=9) | st.integers(-9, 9),
    )
)
def test_json(value: dict[str, str | int]) -> None:
    """JSON keeps its value, and none of its strings has a formula behind a separator."""
    protected = protect_json(json.dumps(value, ensure_ascii=False))

    assert json.loads(protected) == value
    assert not re.search(
        rf'[;,|:]["\\ ]*[{re.escape(SIGNS)}](?![0-9])', protected.replace('" ', '"')
    )


def test_row() -> None:
    """Every cell is in quotes, and quotes are doubled."""
    row = encode_row(["a", 'b"c', "d\ne", ""])

    assert row == b'"a","b""c","d\ne",""\r\n'
    assert list(csv.reader([row.decode()])) == [["a", 'b"c', "d\ne", ""]]

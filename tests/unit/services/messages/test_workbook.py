"""Workbooks for Excel: texts whole and as they are, within the limits of the format."""

import io
import re
import tempfile
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.archive.errors import JobCancelled
from ibconsole.services.messages.workbook import MOST_UNITS, Workbook

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ESCAPE = re.compile("_x([0-9A-F]{4})_")


def rows_of(data: bytes) -> list[list[list[str]]]:
    """Read the cells of each sheet as Excel does; every cell has to be a text."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        names.sort(key=lambda one: int(re.sub(r"\D", "", one)))
        sheets = [ET.fromstring(archive.read(name)) for name in names]  # noqa: S314 our own
    return [[_row(row) for row in sheet.iter(_SPACE + "row")] for sheet in sheets]


def _row(row: ET.Element) -> list[str]:
    cells = {}
    for cell in row:
        assert cell.get("t") == "inlineStr"
        text = "".join(one.text or "" for one in cell.iter(_SPACE + "t"))
        place = str(cell.get("r")).rstrip("0123456789")
        cells[ord(place) - ord("A")] = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return [cells.get(place, "") for place in range(max(cells) + 1)]


def written(rows: Sequence[Sequence[str]], most_rows: int = 100) -> tuple[bytes, list[str]]:
    file = io.BytesIO()
    with Workbook(file, ("id", "text"), most_rows=most_rows) as workbook:
        for row in rows:
            workbook.add(row)
    return file.getvalue(), list(workbook.remarks)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+385991234567",
        "1561984815238926404",
        "00123",
        "2026-01-02",
        "1e5",
        "true",
        "https://x.example/",
        " blanks ",
        "a\nb\tc\rd",
        "\x00\x0b\x1b",
        "_x000D_",
        "<r><t>x</t></r>",
        "<r>\x01_x0041_&</r>",
        "\U0001f642\ufffe\uffff",
        "𝄞" * 100,
    ],
)
def test_texts_are_shown_as_they_are(text: str) -> None:
    """No text becomes a formula, a number, a date, a link or markup; none is rounded."""
    data, remarks = written([(text, "x")])

    assert rows_of(data) == [[["id", "text"], [text, "x"]]]
    assert remarks == []


@given(st.text(st.characters(codec="utf-8", exclude_characters="_"), min_size=1))
def test_any_text(text: str) -> None:
    """Any text comes back."""
    assert rows_of(written([(text, "x")])[0])[0][1][0] == text


def test_halves_of_characters() -> None:
    """What no file can hold is shown as such."""
    assert rows_of(written([("a\ud83d", "")])[0]) == [[["id", "text"], ["a\ufffd"]]]


def test_more_rows_than_a_sheet_has() -> None:
    """Rows go on in the next sheet, below the same headers; a remark says so."""
    data, remarks = written([(str(number), "") for number in range(5)], most_rows=3)

    assert [[row[0] for row in sheet] for sheet in rows_of(data)] == [
        ["id", "0", "1"],
        ["id", "2", "3"],
        ["id", "4"],
    ]
    assert remarks == [
        "A sheet of Excel has 1,048,576 rows, so the messages are in 3 sheets.",
    ]


def test_a_text_that_no_cell_can_hold() -> None:
    """A text is cut at Excel's limit with a mark, whole characters, and counted."""
    data, remarks = written([("\U0001f642" * MOST_UNITS, "y" * MOST_UNITS)])

    [_, [cut, whole]] = rows_of(data)[0]
    assert cut.endswith("🙂… [cut]")
    assert len(cut.encode("utf-16-le")) // 2 <= MOST_UNITS
    assert whole == "y" * MOST_UNITS
    marked, _ = written([(f"<r>{'&' * 10_000}</r>", "")])
    assert rows_of(marked)[0][1][0].endswith("&… [cut]")
    assert remarks[0].startswith("1 cell cut at the 32,767 characters")


def test_no_messages() -> None:
    """A workbook without messages has its headers."""
    assert rows_of(written([])[0]) == [[["id", "text"]]]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows that wait for the end are private, and are removed if the export is stopped."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)

    modes: list[int] = []

    def stopped() -> None:
        with Workbook(io.BytesIO(), ("id",)) as workbook:
            workbook.add(["1"])
            modes.extend(one.stat().st_mode & 0o777 for one in tmp_path.iterdir())
            raise JobCancelled("Stopped.")

    with pytest.raises(JobCancelled):
        stopped()

    assert modes == [0o700]
    assert list(tmp_path.iterdir()) == []

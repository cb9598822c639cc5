"""A workbook for Excel (.xlsx) that is written as a stream: every cell is a text.

Identifiers keep all their digits so, and nothing is a formula, a date or a link. Excel's limits
are kept: what does not fit into one sheet goes on in the next, and a text beyond the limit of a
cell ends with a mark, and is counted.
"""

import tempfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Self
from xml.sax.saxutils import escape

from ibconsole.lazy import LazyModule
from ibconsole.plural import counted

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet
else:  # only an export into a workbook needs it
    xlsxwriter = LazyModule("xlsxwriter")

MOST_ROWS = 1_048_576  # of a sheet
MOST_UNITS = 32_767  # UTF-16 units of a cell
_MARK = "… [cut]"
_MOST_MARKED_UP = MOST_UNITS // 5 - 20  # of a text that is longer as markup: & is &amp;
_WIDTHS = {"text": 48, "json": 48, "messageId": 40, "applicationCode": 16, "from": 30}
_WIDTH = 14


class Workbook:
    """A workbook of one table. Use it as a context manager; the file is complete at its end.

    Holds a row in memory; the rows are in a private temporary directory until then, and an
    exception in the block removes them. `most_rows` are those of a sheet, with its header.
    """

    def __init__(
        self, file: BinaryIO, columns: Sequence[str], *, most_rows: int = MOST_ROWS
    ) -> None:
        self.cut = 0  # cells that were too long
        self.sheets = 0
        self._file = file
        self._columns = columns
        self._most_rows = most_rows
        self._row = most_rows

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="ibconsole-", ignore_cleanup_errors=True)
        options = {"constant_memory": True, "use_zip64": True, "tmpdir": self._folder.name}
        self._workbook = xlsxwriter.Workbook(self._file, options)
        self._bold = self._workbook.add_format({"bold": True})
        return self

    def __exit__(self, error: object, *_: object) -> None:
        try:
            if error is None:
                if not self.sheets:
                    self._add_sheet()
                self._workbook.close()
            else:
                self._close_files()
        finally:
            self._folder.cleanup()

    @property
    def remarks(self) -> Iterator[str]:
        """Sentences about what does not fit into Excel."""
        if self.sheets > 1:
            yield (
                f"A sheet of Excel has {MOST_ROWS:,} rows, so the messages are in {self.sheets}"
                " sheets."
            )
        if self.cut:
            yield (
                f"{counted(self.cut, 'cell')} cut at the {MOST_UNITS:,} characters that Excel"
                " shows; an export as JSON lines has them whole."
            )

    def add(self, cells: Sequence[str]) -> None:
        """Add a row of texts, in the order of the columns."""
        if self._row >= self._most_rows:
            self._add_sheet()
        for column, cell in enumerate(cells):
            if cell:
                self._write(column, _without_surrogates(cell))
        self._row += 1

    def _add_sheet(self) -> None:
        self.sheets += 1
        name = "Messages" if self.sheets == 1 else f"Messages {self.sheets}"
        self._sheet: Worksheet = self._workbook.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        # Excel marks digits in a text as an error otherwise, in every row.
        self._sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{MOST_ROWS}"})
        for column, header in enumerate(self._columns):
            self._sheet.set_column(column, column, _WIDTHS.get(header, _WIDTH))
        for column, header in enumerate(self._columns):
            self._sheet.write_string(0, column, header, self._bold)
        self._row = 1

    def _write(self, column: int, text: str) -> None:
        if len(text) > MOST_UNITS // 2 and _units(text) > MOST_UNITS:
            self.cut += 1
            text = _shortened(text)
        if text.startswith("<r>") and text.endswith("</r>"):
            # WORKAROUND xlsxwriter takes such a text for its own markup, and does not escape it.
            if _units(text) > _MOST_MARKED_UP:
                self.cut += 1
                text = _shortened(text, _MOST_MARKED_UP)
            text = f'<r><t xml:space="preserve">{escape(text)}</t></r>'
        self._sheet.write_string(self._row, column, text)

    def _close_files(self) -> None:
        for sheet in self._workbook.worksheets():
            sheet.row_data_fh.close()


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _shortened(text: str, most: int = MOST_UNITS) -> str:
    kept = text.encode("utf-16-le")[: 2 * (most - len(_MARK))]
    return kept.decode("utf-16-le", "ignore") + _MARK


def _without_surrogates(text: str) -> str:
    """Return a text that a file can have; halves of a character become U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

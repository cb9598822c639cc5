"""Messages as rows of a spreadsheet: of CSV, where some cells are protected, or of a workbook."""

from collections.abc import Sequence
from functools import lru_cache
from operator import ne
from typing import NamedTuple

from ibconsole.archive import MessageValues
from ibconsole.services.connections import JsonColumn
from ibconsole.services.list_display import ColumnReader
from ibconsole.services.messages.json_lines import flag_names, iso_time, masked_element
from ibconsole.services.messages.spreadsheet import (
    encode_row,
    may_hold_formula,
    protect_id,
    protect_json,
    protect_text,
)
from ibconsole.text import mask_code

COLUMNS = (
    "id", "arrivedAt", "receivedAt", "via", "connection", "delivery", "position", "messageId",
    "applicationCode", "from", "keyword", "text", "flags", "duplicateOf", "json",
)  # fmt: skip


class SpreadsheetRows:
    """Makes rows, with the code of a message masked in all cells unless codes are to be revealed.

    `columns` from JSON paths follow those of COLUMNS. `protected` is the number of cells of CSV
    that got an apostrophe.
    """

    def __init__(self, *, reveal_codes: bool, columns: Sequence[JsonColumn] = ()) -> None:
        self.protected = 0
        self._reveal_codes = reveal_codes
        self._columns = ColumnReader(columns, longest=None) if columns else None

    def csv_row(self, message: MessageValues) -> bytes:
        """Return a message as a row of CSV, in the order of COLUMNS and `columns`."""
        (number, delivery, via, code, sender, keyword, text, received, arrived, flags, connection,
         position, message_id, duplicate, body, *_) = message  # fmt: skip
        if not body.isascii():
            body = body.decode(errors="replace").encode()
        masks = _masks(code) if code and not self._reveal_codes else None
        shown = masks.cell if masks else code
        if masks and code in f"{sender} {keyword} {text}":
            sender, keyword, text = (
                one.replace(code, masks.cell) for one in (sender, keyword, text)
            )
        # One look at the whole row: a row with a formula is the exception.
        texts = f"{message_id};{sender};{keyword};{text};".encode("utf-8", "replace")
        clean = not may_hold_formula(texts + body)
        protected = (
            protect_id(message_id, searched=clean),
            _protect_code(shown),
            protect_id(sender, searched=clean),
            protect_text(keyword, searched=clean),
            protect_text(text, searched=clean),
        )
        if protected != (received_texts := (message_id, shown, sender, keyword, text)):
            self.protected += sum(map(ne, protected, received_texts))
        cells = (
            str(number),
            iso_time(arrived),
            "" if received is None else iso_time(received),
            via,
            connection or "",
            str(delivery),
            str(position),
            *protected,
            " ".join(flag_names(flags)),
            "" if duplicate is None else str(duplicate),
        )
        row = encode_row(cells, _protected_body(body, masks, clean=clean))
        if not (added := self._added(message)):
            return row
        cells_added = [protect_text(one) for one in added]
        self.protected += sum(map(ne, cells_added, added))
        return b"%b,%b" % (row.removesuffix(b"\r\n"), encode_row(cells_added))

    def _added(self, message: MessageValues) -> Sequence[str]:
        """Return the texts of the columns from JSON paths."""
        code = "" if self._reveal_codes else message.application_code
        if not self._columns:
            return ()
        return self._columns.texts(
            message.body, lambda text: text.replace(code, mask_code(code)) if code else text
        )

    def texts(self, message: MessageValues) -> Sequence[str]:
        """Return a message as texts, in the order of COLUMNS."""
        code = "" if self._reveal_codes else message.application_code
        mask, duplicate = mask_code(code), message.duplicate_of
        received = (message.message_id, message.sender, message.keyword, message.text)
        shown = [one.replace(code, mask) if code else one for one in received]
        return (
            str(message.id),
            iso_time(message.arrived_at),
            "" if message.received_at is None else iso_time(message.received_at),
            message.via,
            message.connection or "",
            str(message.delivery),
            str(message.position),
            shown[0],
            mask or message.application_code,
            *shown[1:],
            " ".join(flag_names(message.flags)),
            "" if duplicate is None else str(duplicate),
            masked_element(message.body, code).decode(errors="replace"),
            *self._added(message),
        )


def _protected_body(body: bytes, masks: "_Masks | None", *, clean: bool) -> bytes:
    """Return a message's JSON for a cell, its code masked; `clean` if it holds no formula."""
    protected = body if clean else protect_json(body.decode()).encode()
    if not masks:
        return protected
    masked = body.replace(masks.code, masks.mask)
    # An escape could be within the code, and hide it from the mask.
    return masked if protected == body else protect_json(masked.decode()).encode()


class _Masks(NamedTuple):
    """The mask of an application's code, as a cell and as bytes."""

    cell: str
    code: bytes
    mask: bytes


@lru_cache(maxsize=1024)
def _masks(code: str) -> _Masks:
    mask = mask_code(code)
    return _Masks(mask, code.encode("utf-8", "surrogatepass"), mask.encode("utf-8", "replace"))


_protect_code = lru_cache(maxsize=1024)(protect_id)

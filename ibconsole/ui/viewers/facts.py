"""The content of a summary: facts, remarks and sections."""

from enum import StrEnum

import msgspec

from ibconsole.errors import Severity


class RecordId(int):
    """The id of a record in a signal of Qt, whose own integers have 32 bits."""


class RecordKind(StrEnum):
    """The kind of a record that the inspector shows."""

    MESSAGE = "message"
    DELIVERY = "delivery"


class Fact(msgspec.Struct, frozen=True):
    """A label and a value.

    A code has a button that copies it; a secret is masked until the user reveals it. `link`
    is the kind and the id of another record that the value refers to. `is_searched` is true for
    what a filter's text is compared with.
    """

    label: str
    value: str
    tooltip: str = ""
    is_code: bool = False
    is_secret: bool = False
    link: tuple[RecordKind, int] | None = None
    is_searched: bool = False


class Remark(msgspec.Struct, frozen=True):
    """A sentence that the user should notice."""

    severity: Severity
    sentence: str


class Summary(msgspec.Struct, frozen=True):
    """A heading, the text of the record, remarks, and sections of facts with their titles."""

    title: str
    lead: str
    remarks: tuple[Remark, ...]
    sections: tuple[tuple[str, tuple[Fact, ...]], ...]

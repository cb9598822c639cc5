"""Reading and writing of `case.json`."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from ibconsole.services.evidence.cases.documents import (
    MOST_ITEMS,
    CaseDamaged,
    CaseError,
    CaseTooNew,
    decode_case,
    encode_case,
)
from ibconsole.services.evidence.cases.values import Case, CaseItem, NoteContent, SetupContent
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.evidence.cases.samples import case_of, full_case, item


def test_a_case_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Every kind of item, and the facts about every fault, survive a file."""
    _, full = full_case(tmp_path)

    assert decode_case(encode_case(full), "case.json") == full
    for facts in CASES.values():
        case = case_of(facts=facts)
        assert decode_case(encode_case(case), "case.json") == case


def test_half_a_character(tmp_path: Path) -> None:
    """A text that is no valid Unicode does not stop a case from being kept."""
    case = case_of(item(NoteContent(text="a \ud83d")))

    [read] = decode_case(encode_case(case), "case.json").items

    assert read.content == NoteContent(text="a \N{REPLACEMENT CHARACTER}")


def _with(change: Callable[[str], str]) -> bytes:
    return change(encode_case(case_of(item(NoteContent(text="n")))).decode()).encode()


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", CaseDamaged, "no case that can be read"),
        (b"[" * 200_000, CaseDamaged, "no case that can be read"),
        (b'{"format":"ibconsole-case/1","x":' + b"[" * 200_000, CaseDamaged, "bounds|read"),
        (b'{"format":"other/1"}', CaseDamaged, "is no case of ibconsole"),
        (b'{"format":"ibconsole-case/2"}', CaseTooNew, "newer ibconsole"),
        (_with(lambda text: text.replace('"note"', '"unknown"')), CaseDamaged, "kind"),
        (_with(lambda text: text.replace('"n"', "7")), CaseDamaged, "at `"),
        (_with(lambda text: text.replace("1800000000000", "9" * 5000)), CaseDamaged, "read"),
        *(
            (_with(partial(re.sub, name, f"{name}10000")), CaseDamaged, "time")
            for name in ('"created_at":', '"changed_at":', '"added_at":')
        ),
        (
            encode_case(case_of(item(NoteContent(text="")), item(NoteContent(text="")))),
            CaseDamaged,
            "same id",
        ),
        (encode_case(case_of(item(SetupContent(recording="r-9")))), CaseDamaged, "recording"),
    ],
)
def test_what_is_no_case(data: bytes, error: type[CaseError], words: str) -> None:
    """What cannot be read is refused with one short sentence."""
    with pytest.raises(error, match=words) as caught:
        decode_case(data, "case.json")

    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_a_case_has_bounds() -> None:
    """A case that no reader would accept is never written."""
    note = NoteContent(text="")
    items = tuple(
        CaseItem(id=str(number), added_at=0, title="", content=note)
        for number in range(MOST_ITEMS + 1)
    )
    case: Case = case_of(*items)

    with pytest.raises(CaseError, match="too large"):
        encode_case(case)

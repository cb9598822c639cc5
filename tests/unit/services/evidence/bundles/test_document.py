"""The document of a case: everything of it, within bounds."""

from pathlib import Path

import pytest

from ibconsole.services.diagnosis import Evidence, Finding, Level, Subject
from ibconsole.services.diagnosis.catalogue import Basis, Confidence
from ibconsole.services.evidence.bundles.document import (
    BlobFile,
    CaseDocument,
    FactList,
    Grid,
    Image,
    Prose,
    Verbatim,
)
from ibconsole.services.evidence.cases import (
    Blob,
    Case,
    CaseStore,
    FindingContent,
    ForwardTestContent,
    SetupContent,
)
from tests.unit.services.diagnosis.samples import NOW, account, application, configured, forward
from tests.unit.services.evidence.cases.samples import PNG, case_of, full_case, item

BLOB = Blob(sha256="0" * 64, size=4)


def document_of(store: CaseStore, case: Case) -> CaseDocument:
    """Return the document of a case with its own files."""
    return CaseDocument(case, lambda one: BlobFile("raw/x", store.read_blob(case.id, one)))


def test_every_kind_has_its_blocks(tmp_path: Path) -> None:
    """Each item has its facts, its headers and its bodies, JSON with a member on each line."""
    store, case = full_case(tmp_path)
    sections = list(document_of(store, case).sections)
    message, _, _, _, finding, setup, timeline, note, picture = sections

    assert [one.title.partition(". ")[0] for one in sections] == list("123456789")
    listings = [one for one in message.blocks if isinstance(one, Verbatim)]
    assert '\n  "text": "Where is my parcel?"' in listings[0].text
    assert listings[-1].text == "busy"
    assert isinstance(finding.blocks[-1], Grid)
    rows = [one.rows for one in setup.blocks if isinstance(one, Grid)]
    assert rows[0][0][3:] == ("HTTP_FORWARD", "https://hooks.kestrel.aero/in/9f8a")
    assert len([one for one in timeline.blocks if isinstance(one, Grid)]) == 2
    assert note.blocks == [Prose("It began **on Monday**.", is_markdown=True)]
    assert picture.blocks == [Image("raw/x", PNG)]


def test_what_was_left_out_is_said() -> None:
    """A body that was left out, is long, or is no text is no gap."""
    test = ForwardTestContent(
        at=NOW, url="https://a.example", payload=BLOB, answer=BLOB,
        report={"verdict": {"sentence": "No."}, "ladder": {"rungs": [{"kind": "name"}, 7]}},
    )  # fmt: skip

    def shown(data: bytes | None) -> list[object]:
        file = None if data is None else BlobFile("raw/x", data)
        [section] = CaseDocument(case_of(item(test)), lambda _: file).sections
        return list(section.blocks)

    facts, rungs, payload, _ = shown(None)
    assert isinstance(facts, FactList)
    assert ("Verdict", "No.") in facts.pairs
    assert rungs == Grid(("Rung", "Result", "Sentence"), [("name", "", "")])
    assert payload == Prose("What was sent (4 bytes) was left out.")
    binary, long = shown(b"\xff\x00")[2], shown(b"x" * 40_000)[2]
    assert isinstance(binary, Verbatim)
    assert binary.text == "[It is no text: 4 bytes.]"
    assert isinstance(long, Verbatim)
    assert long.text.endswith("[cut here: the whole is raw/x]")


@pytest.mark.parametrize(
    ("code", "rows"),
    [("", 1000), ("a-7", 1), ("empty", 1), ("unread", 1), ("bare", 1)],
)
def test_setups(code: str, rows: int) -> None:
    """A setup has a row for each action, and one for what has none; very many are counted."""
    many = [configured(forward(), code=f"a-{at}") for at in range(1_200)]
    unread = configured(code="unread")
    facts = account(
        *many,
        configured(code="empty"),
        type(unread)(application("unread")),
        type(unread)(application("bare"), ()),
    )
    content = SetupContent(application_code=code, recording="r-1")
    [section] = CaseDocument(case_of(item(content), facts=facts), lambda _: None).sections

    [grid] = [one for one in section.blocks if isinstance(one, Grid)]
    assert len(grid.rows) == rows
    assert (section.blocks[-1] == Prose("203 more rows are in case.json.")) == (not code)


def test_a_finding_of_a_newer_version() -> None:
    """A number that this version does not know is shown without its explanation."""
    finding = Finding(
        9999, Level.NOTE, Subject(), "It is new.", Confidence(Basis.OBSERVED), (Evidence("Seen."),)
    )
    case = case_of(item(FindingContent(finding=finding)))
    [section] = CaseDocument(case, lambda _: None).sections

    assert section.blocks[0] == Prose("It is new.")
    missing = case_of(item(SetupContent(recording="r-9")))
    [section] = CaseDocument(missing, lambda _: None).sections
    assert section.blocks == []

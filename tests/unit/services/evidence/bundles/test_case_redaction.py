"""Redaction of a whole case; test_export plants a key into every part of one."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.secret import Secret
from ibconsole.services.evidence.bundles.case_redaction import (
    CaseFiles,
    CaseRedaction,
    ExportChoices,
    case_urls,
    forget_bytes,
    redact_case,
)
from ibconsole.services.evidence.cases import (
    Blob,
    Case,
    CaseStore,
    ForwardContent,
    NoteContent,
    PullContent,
)
from ibconsole.services.evidence.redaction import (
    KnownSecret,
    KnownSecrets,
    Pseudonyms,
    TextChoice,
)
from tests.unit.services.diagnosis.samples import CODE, NOW, URL
from tests.unit.services.evidence.cases.samples import SENDER, case_of, full_case, item

KEY = KnownSecrets(secrets=(KnownSecret("key", Secret("k3y-of-the-account-77")),))


def redacted(store: CaseStore, case: Case, choices: ExportChoices) -> tuple[Case, dict[str, bytes]]:
    """Redact a case; return it with the bytes of its files by place."""
    kept: dict[str, bytes] = {}

    def keep(place: str, data: bytes, media_type: str) -> Blob:
        kept[place] = data
        return forget_bytes(place, data, media_type)

    def read(blob: Blob) -> bytes:
        return store.read_blob(case.id, blob)

    return redact_case(case, CaseFiles(read, keep), choices, Pseudonyms(), KEY).case, kept


def test_identifiers_are_replaced_also_in_what_is_in_front(tmp_path: Path) -> None:
    """A note that names a code and an installation has the pseudonyms of the items behind it."""
    store, case = full_case(tmp_path)
    note = item(NoteContent(text=f"Ask about {CODE} and {SENDER}."), "first", comment=SENDER)
    case = replace(case, items=(note, *case.items))

    found, _ = redacted(store, case, ExportChoices())

    assert found.items[0].content == NoteContent(text="Ask about app-1 and installation-1.")
    assert found.items[0].comment == "installation-1"
    assert {one.kind: one.count for one in found.replaced}["application code"] > 5


def test_requests_that_are_no_http(tmp_path: Path) -> None:
    """Bytes that are no request, and a pull without a body, are redacted as well."""
    store = CaseStore(tmp_path)
    case = store.create("A")
    raw = b"GET /inbound/AbCdEfGhIjKlMnOp HTTP/1.1\r\nCookie: a=b\r\n\r\n"
    forward = ForwardContent(began_at=NOW, request=store.add_blob(case.id, raw))
    pull = PullContent(began_at=NOW, answer_headers=(("Set-Cookie", "a=b"),))
    case = replace(case, items=(item(forward, "1"), item(pull, "2")))

    found, kept = redacted(store, case, ExportChoices(other_bodies=TextChoice.KEPT))

    assert b"AbCdEfGhIjKlMnOp" not in kept["item 1 request"]
    assert b"Cookie: a=b" not in kept["item 1 request"]
    assert found.items[1].content == replace(pull, answer_headers=(("Set-Cookie", "••••"),))


def test_urls_of_a_case(tmp_path: Path) -> None:
    """The URLs of setups, forwards and tests are those whose secrets must not leave."""
    _, case = full_case(tmp_path)

    assert case_urls(case) == [URL, "/inbound/AbCdEfGhIjKlMnOp"]
    assert case_urls(case_of()) == []


def test_an_unknown_kind_is_no_silent_gap() -> None:
    """A kind of content without a redaction is an error, and not exported as it is."""
    redaction = CaseRedaction(
        CaseFiles(lambda _: b"", forget_bytes), ExportChoices(), Pseudonyms(), KEY
    )

    with pytest.raises(TypeError):
        redaction._content("text")

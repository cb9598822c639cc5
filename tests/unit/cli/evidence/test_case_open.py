"""`ibconsole case open`: a window is asked for, or the findings are written."""

import pytest
from msgspec.structs import replace

from ibconsole.cli.main import OpenWindow, main
from ibconsole.services.evidence.bundles.case_redaction import ExportChoices
from ibconsole.services.evidence.bundles.export import CaseExport
from ibconsole.services.evidence.cases.store import CaseStore
from ibconsole.services.evidence.redaction import KnownSecrets
from ibconsole.services.runtime.paths import find_paths
from tests.unit.cli.conftest import Command
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.evidence.cases.samples import every_kind


@pytest.fixture
def store(ibconsole: Command) -> CaseStore:
    """A data directory with a case whose findings are known."""
    store = CaseStore(find_paths().data)
    every_kind(store, store.create("Nothing arrives at Kestrel").id, CASES[1305])
    return store


def test_a_window_is_opened_on_a_case(ibconsole: Command, store: CaseStore) -> None:
    """The case is found by the beginning of its title, and handed over with its files."""
    asked = main(["--read-only", "case", "open", "nothing"])

    assert isinstance(asked, OpenWindow)
    assert asked.case is not None
    case = asked.case.case
    assert (case, asked.read_only, asked.account) == (store.read(store.current()), True, None)
    assert all(asked.case.read_blob(one) is not None for one in case.blobs)


def test_findings_are_written_without_a_window(ibconsole: Command, store: CaseStore) -> None:
    """The findings are those of the recording, for people or as JSON or Markdown."""
    table = ibconsole("case", "open", "nothing", "--findings")
    data = ibconsole("case", "open", store.current(), "--findings", "--json")
    text = ibconsole("case", "open", "nothing", "--findings", "--markdown")

    assert (table.code, data.code, text.code) == (0, 0, 0)
    [account] = data.json["accounts"]
    assert [one["number"] for one in account["findings"]] == ["IBC-1305"]
    assert "IBC-1305" in table.out
    assert text.out.startswith("# Kestrel")
    assert table.err.splitlines()[-1].startswith("Nothing differs")


def test_what_is_not_as_recorded_fails(ibconsole: Command, store: CaseStore) -> None:
    """A pinned finding that is not found again is named, with exit code 1."""
    quiet = replace(CASES[1305], endpoints={})

    def forget(case):  # type: ignore[no-untyped-def]
        return replace(case, recordings=(replace(case.recordings[0], facts=quiet),))

    store.change(store.current(), forget)
    target = find_paths().data / "case.zip"
    CaseExport(store, KnownSecrets()).export(store.current(), target, ExportChoices())
    found = ibconsole("case", "open", "nothing", "--findings", "--json")
    bundle = ibconsole("case", "open", str(target), "--findings")

    assert (found.code, bundle.code) == (1, 1)
    assert "IBC-1305 was pinned" in found.err
    assert bundle.err.startswith("The export has left out 1 file.")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("unknown",), 1, "There is no case"),
        (("nothing", "--json"), 2, "belong to --findings"),
        (("empty", "--findings"), 1, "has no recorded account"),
    ],
)
def test_what_cannot_be_opened(
    ibconsole: Command, store: CaseStore, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """Each reason is one sentence."""
    store.create("Empty")

    result = ibconsole("case", "open", *arguments)

    assert (result.code, result.out) == (code, "")
    assert words in result.err

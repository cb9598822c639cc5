"""Cases by id, by title and by path."""

from pathlib import Path

import pytest

from ibconsole.services.evidence.bundles.case_redaction import ExportChoices
from ibconsole.services.evidence.bundles.export import CaseExport
from ibconsole.services.evidence.case_runs.opening import find_case
from ibconsole.services.evidence.cases.documents import CaseError
from ibconsole.services.evidence.redaction import KnownSecrets
from tests.unit.services.evidence.cases.samples import full_case


def test_a_case_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case of this computer by its id or title, a bundle by its path; a file goes first."""
    data, there = tmp_path / "data", tmp_path / "there"
    store, case = full_case(data)
    export = CaseExport(store, KnownSecrets())
    there.mkdir()
    export.export(case.id, there / "nothing", ExportChoices())
    export.export(case.id, there / "case.zip", ExportChoices(raw=False))
    (there / "empty").mkdir()
    monkeypatch.chdir(there)

    own = [find_case(one, data) for one in (case.id, "nothing arrives", "")]
    folder, packed = find_case("nothing", data), find_case("case.zip", data)

    assert [one.case for one in own] == [case] * 3
    assert all(own[0].read_blob(one) is not None for one in case.blobs)
    assert [one.case.redacted for one in (own[0], folder, packed)] == [False, True, True]
    assert any("left out" in one for one in packed.problems)
    for wanted, words in (
        ("./empty", "empty"),
        ("empty", "no case with the id or title"),
        ("missing.zip", "There is no folder or file missing.zip."),
        ("x\0", "no case with the id or title"),
        ("x" * 5000, "no case with the id or title"),
    ):
        with pytest.raises(CaseError, match=words):
            find_case(wanted, data)

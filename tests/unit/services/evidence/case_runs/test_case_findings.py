"""Cases of every fault of the catalogue, opened again from their file."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from ibconsole.services.diagnosis import Finding
from ibconsole.services.diagnosis.rules.all_rules import diagnose
from ibconsole.services.diagnosis.rules.facts import Facts
from ibconsole.services.evidence.bundles.case_redaction import ExportChoices
from ibconsole.services.evidence.bundles.export import CaseExport
from ibconsole.services.evidence.case_runs.case_findings import find_again
from ibconsole.services.evidence.case_runs.opening import find_case
from ibconsole.services.evidence.cases.store import CaseStore
from ibconsole.services.evidence.cases.values import (
    AnyContent,
    Case,
    FindingContent,
    Recording,
    SetupContent,
)
from ibconsole.services.evidence.redaction import KnownSecrets
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.evidence.cases.samples import case_of, item


def recorded(facts: Mapping[int, Facts]) -> Case:
    """Return a case with a recording of each of these accounts, and all findings about it."""
    items, recordings = [], []
    for number, account in facts.items():
        name = f"r-{number}"
        recordings.append(Recording(id=name, at=number, facts=account))
        contents: list[AnyContent] = [SetupContent(recording=name)]
        contents += [FindingContent(finding=one, recording=name) for one in diagnose(account)]
        items += [item(one, f"{name}-{at}") for at, one in enumerate(contents)]
    return replace(case_of(*items), recordings=tuple(recordings))


def numbers_of(found: Iterable[Finding]) -> Mapping[int, int]:
    """Count findings by number."""
    return Counter(one.number for one in found)


async def test_each_fault_is_found_again(tmp_path: Path) -> None:
    """Accounts with faults of every kind have the same findings when their case is opened.

    The case was exported with redaction, and is opened where nothing else is known. The setup is
    read from a simulated platform, and agrees with the recorded one.
    """
    chosen = {
        number: facts
        for number, facts in CASES.items()
        if number // 100 in {10, 17} or number % 100 in {1, 4}
    }
    bundle = await asyncio.to_thread(exported, recorded(chosen), tmp_path)
    opened = find_case(str(bundle), tmp_path / "bare")

    outcomes = await find_again(opened.case, str(tmp_path / "none"))

    assert len(outcomes) == len(chosen) >= 36
    for outcome, (number, facts) in zip(outcomes, chosen.items(), strict=True):
        shown = outcome.diagnosed.diagnosis.findings.shown
        assert (number, numbers_of(shown)) == (number, numbers_of(diagnose(facts)))
        assert (number, outcome.differences) == (number, ())
    assert names_in(tmp_path) == ["case.zip", "cases"]


def exported(case: Case, folder: Path) -> Path:
    """Store a case, and export it."""
    store = CaseStore(folder)
    stored = store.create(case.title)
    store.change(stored.id, lambda one: replace(one, items=case.items, recordings=case.recordings))
    target = folder / "case.zip"
    CaseExport(store, KnownSecrets()).export(stored.id, target, ExportChoices())
    return target


def names_in(folder: Path) -> list[str]:
    """Return what is in a directory."""
    return sorted(one.name for one in folder.iterdir())


async def test_what_is_not_found_any_more_is_named(tmp_path: Path) -> None:
    """A number that was pinned and that the rules do not find says so."""
    case = recorded({1201: CASES[1201]})
    finding = next(one for one in diagnose(CASES[1305]))
    more = item(FindingContent(finding=finding, recording="r-1201"), "more")
    production = replace(case.recordings[0].facts.account, production=True)
    facts = replace(case.recordings[0].facts, account=production)
    case = replace(case.with_items(more), recordings=(replace(case.recordings[0], facts=facts),))

    [found] = await find_again(case, str(tmp_path))

    assert found.differences == (
        "IBC-1305 was pinned, and this version does not find it in what was recorded.",
    )
    assert found.diagnosed.diagnosis.environment == "production"

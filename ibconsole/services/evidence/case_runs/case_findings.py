"""The findings of a case, from its recordings: the same rules over the same facts."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from ibconsole.services.audit import Audit
from ibconsole.services.connections import Environment
from ibconsole.services.diagnosis import (
    AccountToDiagnose,
    Diagnosed,
    DiagnosisOptions,
    Facts,
    RecordedFacts,
    Surroundings,
    diagnose_account,
    name_of,
    to_connection,
)
from ibconsole.services.evidence.case_runs.case_run import simulated_account
from ibconsole.services.evidence.cases import Case, FindingContent, Recording
from ibconsole.services.protection import Protection
from ibconsole.services.runtime import Paths


class CaseFindings(msgspec.Struct, frozen=True):
    """The findings of one recording, with a sentence about each difference from the case."""

    recording: Recording
    diagnosed: Diagnosed
    differences: tuple[str, ...] = ()


async def find_again(
    case: Case, folder: str, on_progress: Callable[[int, int], object] | None = None
) -> Sequence[CaseFindings]:
    """Diagnose each recording of a case again, the oldest first.

    The setup is read from a simulated platform, everything else is as it was recorded. `folder` is
    an empty directory, which stays empty. `on_progress` is called with the number of applications
    that were read of a recording, and that of all.
    """
    archive = Paths(Path(folder)).archive
    protection, audit = Protection(), Audit(archive)
    options = DiagnosisOptions(
        gate_of=lambda account: protection.gate_of(account, audit), on_progress=on_progress
    )
    ordered = sorted(case.recordings, key=lambda one: (one.at, one.id))
    return [await _find(case, one, archive, options) for one in ordered]


async def _find(
    case: Case, recording: Recording, archive: Path, options: DiagnosisOptions
) -> CaseFindings:
    recorded = RecordedFacts(recording.facts)
    surroundings = Surroundings(archive, lambda _: None, recorded=recorded)
    async with simulated_account(case, recording.facts) as account:
        connection = replace(
            to_connection(account),
            base_url=recording.facts.account.base_url,
            environment=_environment(recording.facts),
        )
        target = AccountToDiagnose(connection, account)
        diagnosed = await diagnose_account(target, surroundings, options)
    differences = (
        *recorded.differences(diagnosed.facts),
        *_missing(case, recording, diagnosed),
    )
    return CaseFindings(recording, diagnosed, differences)


def _environment(facts: Facts) -> str:
    if facts.account.production:
        return Environment.PRODUCTION
    return Environment.SANDBOX if facts.account.sandbox else ""


def _missing(case: Case, recording: Recording, diagnosed: Diagnosed) -> Sequence[str]:
    """Return a sentence about each number that was pinned and is not found as often any more."""
    found = Counter(one.number for one in diagnosed.diagnosis.findings.shown)
    pinned = Counter(
        one.content.finding.number
        for one in case.items
        if isinstance(one.content, FindingContent) and one.content.recording == recording.id
    )
    return [
        f"{name_of(number)} was pinned, and this version does not find it in what was recorded."
        for number in sorted(pinned - found)
    ]

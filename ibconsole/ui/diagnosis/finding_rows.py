"""The rows of the Health tab: the four questions with their findings, or all findings."""

from collections.abc import Iterator, Sequence

import msgspec

from ibconsole.errors import Severity
from ibconsole.services.diagnosis import (
    ApplicationDiagnosis,
    Evidence,
    Finding,
    MutedFinding,
    SortedFindings,
    TreeReply,
    TreeStep,
    definition_of,
)
from ibconsole.ui.toolkit import times

_REPLIES = {
    TreeReply.YES: Severity.OK,
    TreeReply.NO: Severity.DANGER,
    TreeReply.NOT_KNOWN: Severity.MUTED,
}


class HealthRow(msgspec.Struct, frozen=True):
    """A question or a finding. `order` is its place; `muted` is set if the finding is muted."""

    order: int
    name: str
    word: str
    severity: Severity
    sentence: str
    application: str = ""
    step: TreeStep | None = None
    finding: Finding | None = None
    muted: MutedFinding | None = None

    @property
    def explanation(self) -> str:
        """The sentence, without the reply that it begins with and that `word` has already."""
        reply = self.word.capitalize()
        rest = self.sentence.removeprefix(f"{reply}. ").removeprefix(f"{reply}: ")
        return rest[:1].upper() + rest[1:]

    @property
    def identity(self) -> tuple[str, str]:
        """An identity that stays the same when the application is diagnosed again."""
        return self.name, self.finding.id if self.finding else ""


def rows_of_application(diagnosis: ApplicationDiagnosis) -> Sequence[HealthRow]:
    """Return the four questions, each followed by its findings; other findings come last."""
    rows: list[HealthRow] = []
    shown: set[str] = set()
    for number, step in enumerate(diagnosis.steps, start=1):
        rows.append(
            HealthRow(
                len(rows),
                f"{number}. {step.question}",
                step.reply,
                _REPLIES[step.reply],
                step.sentence,
                step=step,
            )
        )
        for finding in step.findings:
            if finding.id not in shown:
                rows.append(_finding_row(len(rows), finding))
                shown.add(finding.id)
    rest = [one for one in diagnosis.findings.shown if one.id not in shown]
    rows += [_finding_row(len(rows) + place, one) for place, one in enumerate(rest)]
    rows += _muted_rows(len(rows), diagnosis.findings)
    return rows


def rows_of_account(findings: SortedFindings) -> Sequence[HealthRow]:
    """Return all findings in their order, the muted ones last."""
    rows = [_finding_row(place, one) for place, one in enumerate(findings.shown)]
    rows += _muted_rows(len(rows), findings)
    return rows


def row_to_read_first(rows: Sequence[HealthRow]) -> HealthRow | None:
    """Return the worst finding that is not muted, else the first question that is answered no.

    Without either it is the first row.
    """
    findings = [row for row in rows if row.finding and not row.muted]
    refused = [row for row in rows if row.step and row.step.reply is TreeReply.NO]
    worst = sorted(findings, key=lambda row: row.finding.level.rank if row.finding else 0)
    return next(iter((*worst, *refused, *rows)), None)


def details_of(row: HealthRow) -> str:
    """Return everything that is known of a row, as text."""
    if row.finding is None:
        evidence = row.step.evidence if row.step else ()
        return "\n\n".join(filter(None, (row.name, row.sentence, _evidence(evidence))))
    finding, definition = row.finding, definition_of(row.finding.number)
    parts = [
        f"{finding.name} ({finding.level}): {definition.title}",
        finding.sentence,
        f"About: {finding.subject.label}",
    ]
    if row.muted:
        mute = row.muted.mute
        parts.append(f"Muted until {times.exact(mute.until)}: {mute.reason}")
    parts += [
        _evidence(finding.evidence),
        f"Remedy: {finding.remedy or definition.remedy}",
        f"Why: {definition.why}",
        f"Confidence: {finding.confidence}",
        f"What would refute it: {definition.refuted_by}",
    ]
    return "\n\n".join(filter(None, parts))


def _finding_row(order: int, finding: Finding) -> HealthRow:
    return HealthRow(
        order,
        finding.name,
        # The Health column of an application counts its own findings alone.
        finding.level if finding.subject.application else f"{finding.level}, account",
        finding.level.severity,
        finding.sentence,
        finding.subject.application_name,
        finding=finding,
    )


def _muted_rows(first: int, findings: SortedFindings) -> Iterator[HealthRow]:
    for place, muted in enumerate(findings.muted, start=first):
        row = _finding_row(place, muted.finding)
        yield msgspec.structs.replace(
            row, word=f"{row.word}, muted", severity=Severity.MUTED, muted=muted
        )


def _evidence(evidence: Sequence[Evidence]) -> str:
    lines = []
    for one in evidence:
        seen = ", ".join(filter(None, (one.where, times.exact(one.at))))
        lines.append(f"- {one.sentence}" + (f" ({seen})" if seen else ""))
    return "\n".join(("Evidence:", *lines)) if lines else ""

"""The outputs of a diagnosis: JSON, SARIF 2.1.0 and Markdown.

They leave this computer, so application codes are masked and the paths of URLs are cut, unless
the user wants them.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ibconsole import __version__
from ibconsole.plural import counted
from ibconsole.services.diagnosis.catalogue import (
    Definition,
    Finding,
    Level,
    Subject,
    all_definitions,
    definition_of,
    page_name,
)
from ibconsole.services.diagnosis.json_document import (
    FORMAT,
    AccountDocument,
    ConfidenceDocument,
    DiagnosisDocument,
    EvidenceDocument,
    FindingDocument,
    MutedDocument,
    MuteDocument,
    SubjectDocument,
)
from ibconsole.services.diagnosis.muting import SortedFindings
from ibconsole.services.forward_test import cut_url, shown_url
from ibconsole.text import mask_code

JsonObject = dict[str, object]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "note"}


class AccountDiagnosis(msgspec.Struct, frozen=True):
    """The diagnosis of one account: its name, the time, and its findings.

    `applications` is the number of those that were examined, None if they could not be read.
    """

    name: str
    environment: str
    at: int
    findings: SortedFindings
    applications: int | None = None

    @property
    def worst(self) -> Level | None:
        """The level of the worst finding that is not muted; None if there is none."""
        return min((one.level for one in self.findings.shown), key=_rank, default=None)


def _rank(level: Level) -> int:
    return level.rank


class Report:
    """Writes diagnoses for other programs and people.

    With `reveal` application codes and URLs are written in full; secrets in URLs never are.
    """

    def __init__(self, diagnoses: Sequence[AccountDiagnosis], *, reveal: bool = False) -> None:
        self._diagnoses = diagnoses
        self._reveal = reveal

    def as_json(self) -> JsonObject:
        """Return the diagnoses as an object for JSON; `json_document` says what it holds."""
        document = DiagnosisDocument(
            format=FORMAT,
            program=f"ibconsole {__version__}",
            accounts=tuple(self._account(one) for one in self._diagnoses),
        )
        built: JsonObject = msgspec.to_builtins(document)
        return built

    def as_sarif(self) -> JsonObject:
        """Return the diagnoses as one run of SARIF 2.1.0, with all numbers as rules."""
        definitions = [one for one in all_definitions() if not one.retired]
        positions = {one.number: position for position, one in enumerate(definitions)}
        results = [
            result
            for diagnosis in self._diagnoses
            for result in self._results(diagnosis, positions)
        ]
        driver = {
            "name": "ibconsole",
            "version": __version__,
            "semanticVersion": __version__,
            "rules": [_sarif_rule(one) for one in definitions],
        }
        run = {
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }
        return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}

    def as_markdown(self) -> str:
        """Return the diagnoses as Markdown, to be pasted into a ticket."""
        return "\n".join(line for one in self._diagnoses for line in self._section(one))

    def _account(self, diagnosis: AccountDiagnosis) -> AccountDocument:
        found = diagnosis.findings
        return AccountDocument(
            name=diagnosis.name,
            environment=diagnosis.environment,
            at=_time(diagnosis.at),
            applications=diagnosis.applications,
            worst=diagnosis.worst,
            findings=tuple(FindingDocument(**self._finding(one)) for one in found.shown),
            muted=tuple(
                MutedDocument(
                    **self._finding(one.finding),
                    mute=MuteDocument(one.mute.reason, _time(one.mute.until)),
                )
                for one in found.muted
            ),
        )

    def _finding(self, finding: Finding) -> dict[str, Any]:
        definition = definition_of(finding.number)
        hide = self._hiding(finding.subject)
        return {
            "number": finding.name,
            "id": finding.id,
            "severity": finding.level,
            "title": definition.title,
            "sentence": hide(finding.sentence),
            "subject": SubjectDocument(**self._subject(finding.subject)),
            "confidence": ConfidenceDocument(finding.confidence.basis, finding.confidence.times),
            "evidence": tuple(
                EvidenceDocument(
                    hide(one.sentence),
                    "" if one.at is None else _time(one.at),
                    hide(one.where),
                )
                for one in finding.evidence
            ),
            "why": definition.why,
            "refuted_by": definition.refuted_by,
            "remedy": hide(finding.remedy or definition.remedy),
            "command": definition.command,
        }

    def _subject(self, subject: Subject) -> dict[str, str]:
        fields = {
            "connection": subject.connection,
            "application": self._code(subject.application),
            "name": subject.application_name,
            "configuration": subject.configuration,
            "action": subject.action,
            "url": self._url(subject.url),
        }
        return {name: value for name, value in fields.items() if value}

    def _code(self, code: str) -> str:
        return code if self._reveal else mask_code(code)

    def _url(self, url: str) -> str:
        return shown_url(url) if self._reveal else cut_url(url)

    def _hiding(self, subject: Subject) -> Callable[[str], str]:
        """Return a function that hides in a text what is hidden of its subject."""

        def hide(text: str) -> str:
            for value, shown in (
                (subject.url, self._url(subject.url)),
                (subject.application, self._code(subject.application)),
            ):
                text = text.replace(value, shown) if value else text
            return text

        return hide

    def _results(
        self, diagnosis: AccountDiagnosis, positions: dict[int, int]
    ) -> Iterator[JsonObject]:
        for finding in diagnosis.findings.shown:
            yield self._result(diagnosis, finding, positions)
        for muted in diagnosis.findings.muted:
            suppression = {"kind": "external", "justification": muted.mute.reason}
            yield {
                **self._result(diagnosis, muted.finding, positions),
                "suppressions": [suppression],
            }

    def _result(
        self, diagnosis: AccountDiagnosis, finding: Finding, positions: dict[int, int]
    ) -> JsonObject:
        hide = self._hiding(finding.subject)
        subject = self._subject(finding.subject)
        seen = "; ".join(hide(one.sentence) for one in finding.evidence)
        name = subject.get("name") or subject.get("application") or diagnosis.name
        place = {
            "name": str(name),
            "fullyQualifiedName": "/".join(
                str(part)
                for part in (
                    diagnosis.name,
                    subject.get("name") or subject.get("application"),
                    subject.get("url") or subject.get("action"),
                )
                if part
            ),
            "kind": "resource",
        }
        return {
            "ruleId": finding.name,
            "ruleIndex": positions[finding.number],
            "level": _SARIF_LEVELS[finding.level],
            "message": {"text": f"{hide(finding.sentence)} {seen}".strip()},
            "locations": [{"logicalLocations": [place]}],
            "partialFingerprints": {"ibconsole/v1": finding.id},
            "properties": {"subject": subject, "confidence": str(finding.confidence)},
        }

    def _section(self, diagnosis: AccountDiagnosis) -> Iterator[str]:
        found = diagnosis.findings
        yield f"# {_plain(diagnosis.name)}"
        yield ""
        examined = (
            "The applications could not be read."
            if diagnosis.applications is None
            else f"{counted(diagnosis.applications, 'application')} examined."
        )
        muted = f" {counted(len(found.muted), 'finding')} muted." if found.muted else ""
        yield f"{_time(diagnosis.at)}. {examined} {counted(len(found.shown), 'finding')}.{muted}"
        yield ""
        for finding in found.shown:
            yield from self._item(finding)

    def _item(self, finding: Finding) -> Iterator[str]:
        definition, hide = definition_of(finding.number), self._hiding(finding.subject)
        subject = finding.subject
        about = ", ".join(
            _plain(part) for part in (subject.application_name, self._url(subject.url)) if part
        )
        yield f"## {finding.name} ({finding.level}): {definition.title}"
        yield ""
        yield f"{_plain(hide(finding.sentence))}" + (f" ({about})" if about else "")
        yield ""
        for one in finding.evidence:
            when = f" ({_time(one.at)})" if one.at is not None else ""
            where = f", {_plain(hide(one.where))}" if one.where else ""
            yield f"- {_plain(hide(one.sentence))}{when}{where}"
        yield f"- Confidence: {finding.confidence}"
        yield f"- Remedy: {_plain(hide(finding.remedy or definition.remedy))}"
        yield ""


def _sarif_rule(definition: Definition) -> JsonObject:
    return {
        "id": definition.name,
        "name": page_name(definition).removesuffix(".md"),
        "shortDescription": {"text": definition.title},
        "fullDescription": {"text": definition.why},
        "help": {
            "text": f"{definition.remedy} What would refute it: {definition.refuted_by}",
        },
        "defaultConfiguration": {"level": _SARIF_LEVELS[definition.level]},
        "properties": {"confidence": definition.basis, "since": definition.since},
    }


def _time(at: int) -> str:
    """Write a time as RFC 3339, UTC."""
    try:
        moment = datetime.fromtimestamp(at / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return f"{at} ms"
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _plain(text: str) -> str:
    """Escape what Markdown would interpret, and keep the text on one line."""
    escaped = "".join(f"\\{letter}" if letter in "\\`*_[]<>#|" else letter for letter in text)
    return " ".join(escaped.split())

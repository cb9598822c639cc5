"""The JSON of `ibconsole diagnose --json`; its schema is docs/diagnose.schema.json.

Fields are added, never renamed or removed: other programs read them.
"""

import msgspec

from ibconsole.services.diagnosis.catalogue import Basis, Level

FORMAT = 1


class SubjectDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """The subject of a finding; what does not apply is left out."""

    connection: str = ""
    application: str = ""
    name: str = ""
    configuration: str = ""
    action: str = ""
    url: str = ""


class EvidenceDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fact behind a finding; `at` is a time of RFC 3339 in UTC."""

    sentence: str
    at: str = ""
    where: str = ""


class ConfidenceDocument(msgspec.Struct, frozen=True):
    """The confidence in a finding; `times` counts observations."""

    basis: Basis
    times: int


class MuteDocument(msgspec.Struct, frozen=True):
    """The reason and the end of a mute, a time of RFC 3339 in UTC."""

    reason: str
    until: str


class FindingDocument(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One finding. `id` is the same in every run, `command` the window's, null if there is none."""

    number: str
    id: str
    severity: Level
    title: str
    sentence: str
    subject: SubjectDocument
    confidence: ConfidenceDocument
    evidence: tuple[EvidenceDocument, ...]
    why: str
    refuted_by: str
    remedy: str
    command: str | None


class MutedDocument(FindingDocument, frozen=True, rename="camel", kw_only=True):
    """A muted finding."""

    mute: MuteDocument


class AccountDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One account. `applications` is null if they could not be read, `worst` if nothing was found.

    `at` is a time of RFC 3339 in UTC.
    """

    name: str
    environment: str
    at: str
    applications: int | None
    worst: Level | None
    findings: tuple[FindingDocument, ...]
    muted: tuple[MutedDocument, ...]


class DiagnosisDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer."""

    format: int
    program: str
    accounts: tuple[AccountDocument, ...]


def json_schema() -> str:
    """Return the JSON Schema of the answer, as docs/diagnose.schema.json has it."""
    schema = msgspec.json.schema(DiagnosisDocument)
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"

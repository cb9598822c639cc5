"""Findings: numbered statements about an account, with their evidence and their confidence."""

import hashlib
from enum import StrEnum

import msgspec

from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.text import mask_code

PREFIX = "IBC-"


class Level(StrEnum):
    """The severity of a finding, the worst first."""

    ERROR = "error"  # messages do not arrive, or are lost
    WARNING = "warning"  # messages may not arrive, or others may read them
    NOTE = "note"  # worth knowing; nothing has to be done

    @property
    def rank(self) -> int:
        """A number by which levels are sorted, the worst first."""
        return _RANKS[self]

    @property
    def severity(self) -> Severity:
        """The style in which it is shown."""
        return _SEVERITIES[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}
_SEVERITIES = {
    Level.ERROR: Severity.DANGER,
    Level.WARNING: Severity.WARNING,
    Level.NOTE: Severity.INFO,
}


class Basis(StrEnum):
    """The reason to believe a finding."""

    DOCUMENTED = "documented"  # by the vendor of the platform, or by a standard
    INFERRED = "inferred"  # likely, but stated by no document
    OBSERVED = "observed"  # seen here, with times and places


class Confidence(msgspec.Struct, frozen=True):
    """The confidence in a finding; `times` counts the observations, 0 if it is not observed."""

    basis: Basis
    times: int = 0

    def __str__(self) -> str:
        if self.basis is Basis.OBSERVED and self.times:
            return f"observed {counted(self.times, 'time')}"
        return self.basis


class Evidence(msgspec.Struct, frozen=True):
    """One fact behind a finding: when (milliseconds since the epoch) and where it was seen."""

    sentence: str
    at: int | None = None
    where: str = ""


class Subject(msgspec.Struct, frozen=True):
    """The thing that a finding is about; every field may be empty.

    `connection` is the UUID of the connection, `application` the application's code. The user
    name and password in `url` are masked.
    """

    connection: str = ""
    application: str = ""
    application_name: str = ""
    configuration: str = ""
    action: str = ""
    url: str = ""

    @property
    def label(self) -> str:
        """The subject as users know it, with a masked code: `Kestrel Go, https://…`."""
        name = self.application_name or mask_code(self.application)
        return ", ".join(filter(None, (name, self.url))) or "the account"


class Finding(msgspec.Struct, frozen=True):
    """One finding. Its number never changes its meaning; the catalogue explains it.

    `remedy` is what to do in this case, empty if that of the catalogue says all.
    """

    number: int
    level: Level
    subject: Subject
    sentence: str
    confidence: Confidence
    evidence: tuple[Evidence, ...] = ()
    remedy: str = ""

    @property
    def name(self) -> str:
        """The number as it is shown: `IBC-1001`."""
        return name_of(self.number)

    @property
    def id(self) -> str:
        """An identity that is the same in every run: of the number and the subject."""
        subject = self.subject
        return fingerprint(
            str(self.number),
            subject.connection,
            subject.application,
            subject.configuration,
            subject.action,
            subject.url,
        )


def fingerprint(*parts: str) -> str:
    """Return a short hash that identifies these texts and does not reveal them."""
    text = "".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:20]


def name_of(number: int) -> str:
    """Return the name of a number: `IBC-1001`."""
    return f"{PREFIX}{number}"


def number_of(name: str) -> int | None:
    """Return the number of a name such as `IBC-1001`, `ibc1001` or `1001`; None if it is none."""
    digits = name.strip().upper().removeprefix("IBC").lstrip("- ")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) == 4 else None

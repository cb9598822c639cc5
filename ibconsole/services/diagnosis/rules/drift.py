"""IBC-19xx: rules about received messages that differ from the documented contract."""

from collections.abc import Iterator, Mapping

from ibconsole.plural import counted
from ibconsole.services.diagnosis.catalogue import Evidence, Finding, Subject
from ibconsole.services.diagnosis.rules.facts import DriftFacts
from ibconsole.services.diagnosis.rules.index import FactsIndex, report
from ibconsole.text import escape_invisible

_ARCHIVE = "the archive"
_NAMED = 5  # fields that a sentence names
_FIELDS = (
    (1901, "unknown", "have fields that are not documented"),
    (1902, "missing", "lack documented fields"),
    (1903, "retyped", "have fields of another type than documented"),
)


def find_drift(index: FactsIndex) -> Iterator[Finding]:
    """Find unknown, missing and retyped fields, and what is no message or damaged."""
    for application in index.applications:
        drift = application.arrivals.drift if application.arrivals else None
        if drift:
            yield from _differences(index.subject(application), drift)
    unassigned = index.facts.unassigned
    if unassigned and unassigned.drift:
        yield from _differences(index.account_subject(), unassigned.drift)


def _differences(subject: Subject, drift: DriftFacts) -> Iterator[Finding]:
    for number, attribute, phrase in _FIELDS:
        yield from _fields(subject, drift, (number, attribute, phrase))
    yield from _marks(subject, drift)


def _fields(subject: Subject, drift: DriftFacts, rule: tuple[int, str, str]) -> Iterator[Finding]:
    number, attribute, phrase = rule
    fields: Mapping[str, int] = getattr(drift, attribute)
    if not fields:
        return
    usual = sorted(fields, key=lambda name: (-fields[name], name))
    names = ", ".join(escape_invisible(name) for name in usual[:_NAMED])
    yield report(
        number,
        subject,
        f"Messages {phrase}: {names}.",
        *(
            Evidence(
                f"{escape_invisible(name)}: {fields[name]:,} of"
                f" {counted(drift.examined, 'message')}.",
                drift.example_at,
                _ARCHIVE,
            )
            for name in usual[:_NAMED]
        ),
        times=max(fields.values()),
    )


def _marks(subject: Subject, drift: DriftFacts) -> Iterator[Finding]:
    if drift.not_messages:
        yield report(
            1904,
            subject,
            f"{counted(drift.not_messages, 'item')} arrived that have no field of a message.",
            Evidence("Marked in the list of messages.", drift.example_at, _ARCHIVE),
            times=drift.not_messages,
        )
    if drift.salvaged:
        yield report(
            1905,
            subject,
            f"{counted(drift.salvaged, 'message')} were recovered from damaged bodies.",
            Evidence("Marked in the list of messages.", drift.example_at, _ARCHIVE),
            times=drift.salvaged,
        )

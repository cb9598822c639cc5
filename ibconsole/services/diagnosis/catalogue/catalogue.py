"""All numbers, in their order, and the pages about them in docs/findings."""

from collections.abc import Iterator
from functools import cache

from ibconsole.services.diagnosis.catalogue.account_findings import ACCOUNT, DRIFT, LISTENER
from ibconsole.services.diagnosis.catalogue.answer_findings import ANSWERS
from ibconsole.services.diagnosis.catalogue.definition import Definition, FindingGroup
from ibconsole.services.diagnosis.catalogue.finding import Basis, Level, number_of
from ibconsole.services.diagnosis.catalogue.intake_findings import ARRIVAL, PULLING
from ibconsole.services.diagnosis.catalogue.network_findings import NETWORK, TLS
from ibconsole.services.diagnosis.catalogue.setup_findings import SETUP
from ibconsole.services.diagnosis.catalogue.url_findings import URLS

GROUPS: tuple[FindingGroup, ...] = (
    SETUP,
    URLS,
    NETWORK,
    TLS,
    ANSWERS,
    PULLING,
    ARRIVAL,
    ACCOUNT,
    LISTENER,
    DRIFT,
)
_LEVELS = {
    Level.ERROR: "error: messages do not arrive, or are lost",
    Level.WARNING: "warning: messages may not arrive, or others may read them",
    Level.NOTE: "note: worth knowing",
}
_BASES = {
    Basis.DOCUMENTED: "documented, by the vendor or by a standard",
    Basis.INFERRED: "inferred: likely, but stated by no document",
    Basis.OBSERVED: "observed, with the times and places that the finding names",
}
_INTRODUCTION = """\
# Findings

`ibconsole diagnose` and the window report what they find under these numbers. A number never
changes its meaning and is never used again. The pages are made from the catalogue in
`services/diagnosis/catalogue` by `make findings`.
"""


def all_definitions() -> Iterator[Definition]:
    """Yield every definition, retired ones included, by number."""
    for group in GROUPS:
        yield from group.definitions


@cache
def _by_number() -> dict[int, Definition]:
    return {definition.number: definition for definition in all_definitions()}


def definition_of(number: int) -> Definition:
    """Return the definition of a number. Raises LookupError if there is none."""
    try:
        return _by_number()[number]
    except KeyError:
        raise LookupError(f"There is no finding {number}.") from None


def find_definition(name: str) -> Definition:
    """Return the definition of a number as users type it. Raises LookupError if there is none."""
    number = number_of(name)
    if number is None or number not in _by_number():
        raise LookupError(f"there is no finding {name}. Numbers look like IBC-1001.")
    return _by_number()[number]


def page_name(definition: Definition) -> str:
    """Return the name of a definition's page."""
    return f"{definition.name}.md"


def page_of(definition: Definition) -> str:
    """Return the page about one number."""
    retired = (
        "This number is retired: no rule reports it any more.\n\n" if definition.retired else ""
    )
    command = f"\n\nIn the window: *{definition.command}*." if definition.command else ""
    references = ", ".join(definition.references)
    see = f"\n\nSee {references}." if references else ""
    return (
        f"# {definition.name}: {definition.title}\n\n{retired}"
        f"- Severity: {_LEVELS[definition.level]}\n"
        f"- Confidence: {_BASES[definition.basis]}\n"
        f"- Since: {definition.since}\n\n"
        f"## Why\n\n{definition.why}{see}\n\n"
        f"## Remedy\n\n{definition.remedy}{command}\n\n"
        f"## What would refute it\n\n{definition.refuted_by}\n"
    )


def index_page() -> str:
    """Return the list of all numbers."""
    parts = [_INTRODUCTION]
    for group in GROUPS:
        rows = "".join(
            f"| [{one.name}]({page_name(one)}) | {one.level} | {one.title} |\n"
            for one in group.definitions
        )
        parts.append(f"## {group.title}\n\n| number | severity | title |\n|---|---|---|\n{rows}")
    return "\n".join(parts)

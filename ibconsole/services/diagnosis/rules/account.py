"""IBC-17xx: rules about the account, its credential and the clock."""

from collections.abc import Iterator

from ibconsole.api import SHARED_HOST, is_shared_base_url
from ibconsole.hosts import host_of
from ibconsole.services.diagnosis.catalogue import Evidence, Finding
from ibconsole.services.diagnosis.rules.facts import ReadingProblem
from ibconsole.services.diagnosis.rules.index import FactsIndex, report

CLOCK_TOLERANCE = 30.0  # seconds; a Date header has whole seconds, and answers take time
_BY_STATUS = {401: 1702, 403: 1703, 429: 1705}
_SENTENCES = {
    1701: "Nothing is known about this account.",
    1702: "The platform does not accept the credential, so nothing is known about this account.",
    1703: "The credential may not list applications; it may still be allowed to pull.",
    1705: "The applications could not be listed.",
    1706: "The applications could not be listed.",
    1707: "Nothing was requested.",
    1710: "The applications could not be listed.",
}


def find_account_problems(index: FactsIndex) -> Iterator[Finding]:
    """Find why the account could not be read, or that it has no applications."""
    facts = index.facts
    problem = facts.account.problem
    where = host_of(facts.account.base_url)
    if problem:
        number = _number(problem)
        causes = [Evidence(f"Possible cause: {cause}.", None, where) for cause in problem.causes]
        # A refusal's own sentence lists all its causes: the evidence has them one by one.
        sentence = _SENTENCES[number] if causes else f"{_SENTENCES[number]} {problem.sentence}"
        seen = Evidence(problem.sentence, facts.account.read_at, where)
        yield report(number, index.account_subject(), sentence, seen, *causes)
    elif facts.applications == ():
        yield report(
            1704,
            index.account_subject(),
            "The account has no applications. Push exists only where Moments is enabled.",
            Evidence("The list of applications is empty.", facts.account.read_at, where),
        )


def find_shared_base_url(index: FactsIndex) -> Iterator[Finding]:
    """Find that the connection uses the old base URL, which many accounts share."""
    account = index.facts.account
    if is_shared_base_url(account.base_url):
        yield report(
            1708,
            index.account_subject(),
            f"The base URL is the shared {SHARED_HOST}, not that of the account.",
            Evidence("The settings of the connection.", None, account.name),
        )


def find_wrong_clock(index: FactsIndex) -> Iterator[Finding]:
    """Find that the clock of this computer differs from that of the platform."""
    console = index.facts.console
    offset = console.clock_offset
    if offset is not None and abs(offset) > CLOCK_TOLERANCE:
        direction = "ahead of" if offset > 0 else "behind"
        yield report(
            1709,
            index.account_subject(),
            f"The clock of this computer is {abs(offset):,.0f} s {direction} the platform's.",
            Evidence(
                "The header Date of the platform's answers.",
                console.clock_at,
                host_of(index.facts.account.base_url),
            ),
            times=max(console.clock_times, 1),
        )


def _number(problem: ReadingProblem) -> int:
    if problem.is_local:
        return 1707
    if problem.status is None:
        return 1701
    refused = 400 <= problem.status < 500
    return _BY_STATUS.get(problem.status, 1710 if refused else 1706)

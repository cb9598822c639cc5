"""The diagnosis: every rule over the facts of one account."""

from collections.abc import Callable, Iterator

from ibconsole.services.diagnosis.catalogue import Finding
from ibconsole.services.diagnosis.rules import (
    account,
    answers,
    arrival,
    drift,
    listener,
    network,
    pulling,
    setup,
    urls,
)
from ibconsole.services.diagnosis.rules.facts import Facts
from ibconsole.services.diagnosis.rules.index import FactsIndex

Rule = Callable[[FactsIndex], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    setup.find_missing_parts,
    setup.find_odd_actions,
    setup.find_shared_messages,
    setup.find_shared_urls,
    setup.find_unread_parts,
    setup.find_odd_applications,
    setup.find_odd_objects,
    urls.find_url_faults,
    urls.find_confusable_hosts,
    network.find_unreachable_endpoints,
    answers.find_bad_answers,
    pulling.find_missing_pulls,
    pulling.find_growing_queue,
    pulling.find_competing_consumers,
    pulling.find_failed_pulls,
    pulling.find_short_pulls,
    arrival.find_silence,
    arrival.find_nothing,
    arrival.find_duplicates,
    arrival.find_growing_lag,
    arrival.find_refused_forwards,
    arrival.find_misplaced_messages,
    account.find_account_problems,
    account.find_shared_base_url,
    account.find_wrong_clock,
    listener.find_listener_off,
    listener.find_wrong_paths,
    listener.find_listener_trouble,
    drift.find_drift,
)


def diagnose(facts: Facts) -> tuple[Finding, ...]:
    """Return all findings, the worst first, always in the same order; each has an ID of its own.

    The time grows with the size of the account, not with its square.
    """
    index = FactsIndex(facts)
    found: dict[str, Finding] = {}
    for rule in RULES:
        for finding in rule(index):
            found.setdefault(finding.id, finding)
    return tuple(sorted(found.values(), key=_order))


def _order(finding: Finding) -> tuple[int, int, str, str, str]:
    subject = finding.subject
    return (
        finding.level.rank,
        finding.number,
        subject.application_name.casefold(),
        subject.url,
        finding.id,
    )

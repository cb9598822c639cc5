"""IBC-15xx: rules about the pull, from the actions and the archive."""

from collections.abc import Iterator
from itertools import pairwise

from ibconsole.model import ActionType
from ibconsole.plural import counted
from ibconsole.services.diagnosis.catalogue import Evidence, Finding
from ibconsole.services.diagnosis.rules.facts import ApplicationFacts, PullRecord
from ibconsole.services.diagnosis.rules.index import FactsIndex, report

WARN_AFTER = 40 * 3_600_000  # ms since the last pull (platform.md §4)
_HOUR = 3_600_000
_GROWING = 3  # pulls in a row after each of which more waits than after the one before
_ARCHIVE = "the archive"


def find_missing_pulls(index: FactsIndex) -> Iterator[Finding]:
    """Find applications whose messages wait, while nothing was pulled for long, or ever."""
    pulls = index.facts.pulls
    if pulls is None:
        return
    waiting = list(_with_pull(index))
    done = [one for one in pulls.pulls if _is_success(one)]
    for application in waiting:
        subject = index.subject(application)
        if not pulls.pulls:
            yield report(
                1502,
                subject,
                "An action keeps messages for pulling, and nothing was pulled here yet.",
                Evidence("The archive has no pull on this connection.", index.facts.now, _ARCHIVE),
            )
        elif done and (age := index.facts.now - done[0].at) >= WARN_AFTER:
            yield report(
                1501,
                subject,
                f"Nothing was pulled here for {age // _HOUR:,} h: messages that wait may be gone"
                " after 48 h.",
                Evidence("The last pull that succeeded.", done[0].at, _ARCHIVE),
            )


def find_growing_queue(index: FactsIndex) -> Iterator[Finding]:
    """Find that more messages wait after each pull, or that some were left."""
    if not index.facts.pulls:
        return
    known = [one for one in index.facts.pulls.pulls if _is_success(one) and one.pending is not None]
    if not known:
        return
    figures = [one.pending or 0 for one in known]
    rising = 0
    for newer, older in pairwise(figures):
        if newer <= older:
            break
        rising += 1
    seen = [
        Evidence(
            f"{counted(one.pending or 0, 'message')} waited after this pull.", one.at, _ARCHIVE
        )
        for one in known[: rising + 1]
    ]
    if rising >= _GROWING:
        yield report(
            1503,
            index.account_subject(),
            f"The number of waiting messages has grown with each of the last {rising + 1} pulls,"
            f" to {figures[0]:,}.",
            *seen,
            times=rising,
        )
    elif figures[0]:
        yield report(
            1507,
            index.account_subject(),
            f"The last pull left {counted(figures[0], 'message')} waiting.",
            seen[0],
        )


def find_competing_consumers(index: FactsIndex) -> Iterator[Finding]:
    """Find that waiting messages disappear without being pulled here."""
    pulls = index.facts.pulls
    if pulls and pulls.competing:
        latest = pulls.pulls[0].at if pulls.pulls else None
        yield report(
            1504,
            index.account_subject(),
            f"{pulls.competing} It may be another console, a program, or an AI agent with a tool"
            " for this account.",
            Evidence(
                "After two pulls in a row fewer messages waited than the one before left.",
                latest,
                _ARCHIVE,
            ),
        )


def find_failed_pulls(index: FactsIndex) -> Iterator[Finding]:
    """Find that the last pull failed, was cut, or gave less than it announced."""
    if not index.facts.pulls or not index.facts.pulls.pulls:
        return
    last = index.facts.pulls.pulls[0]
    subject = index.account_subject()
    refused = last.status is not None and not 200 <= last.status < 300
    if refused:
        seen = Evidence(last.problem or f"The answer was {last.status}.", last.at, _ARCHIVE)
        yield report(1505, subject, f"The last pull was answered {last.status}.", seen)
    for pull in index.facts.pulls.pulls:
        if not (200 <= (pull.status or 0) < 300) and not pull.interrupted:
            continue
        if not pull.complete or pull.interrupted:
            seen = Evidence(pull.problem or "The answer ended early.", pull.at, _ARCHIVE)
            sentence = (
                f"The answer to a pull ended early, after {counted(pull.messages, 'message')}."
            )
            yield report(1506, subject, sentence, seen)
            return


def find_short_pulls(index: FactsIndex) -> Iterator[Finding]:
    """Find whole answers with fewer messages than they announce."""
    pulls = index.facts.pulls.pulls if index.facts.pulls else ()
    short = [
        one
        for one in pulls
        if one.complete and one.announced is not None and one.announced > one.messages
    ]
    if short:
        yield report(
            1508,
            index.account_subject(),
            f"A pull announced {counted(short[0].announced or 0, 'message')} and gave"
            f" {short[0].messages:,}.",
            *(Evidence("The answer was whole.", one.at, _ARCHIVE) for one in short),
            times=len(short),
        )


def _with_pull(index: FactsIndex) -> Iterator[ApplicationFacts]:
    seen = set()
    for application, configuration in index.configurations():
        if any(action.type == ActionType.PULL for action in configuration.actions or ()):
            code = application.application.code
            if code not in seen:
                seen.add(code)
                yield application


def _is_success(pull: PullRecord) -> bool:
    return pull.status is not None and 200 <= pull.status < 300

"""IBC-16xx: rules about what arrived here, from the archive."""

from collections.abc import Iterator

from ibconsole.model import ActionType
from ibconsole.plural import counted
from ibconsole.services.diagnosis.catalogue import Evidence, Finding
from ibconsole.services.diagnosis.rules.facts import ApplicationFacts, ArrivalFacts
from ibconsole.services.diagnosis.rules.index import FactsIndex, report

ENOUGH = 20  # messages from which a habit can be read
SILENT_AT_LEAST = 24 * 3600.0  # seconds
_SILENT_FACTOR = 3  # times the longest gap before
_DUPLICATES = 0.05  # of the messages
_LAG_AT_LEAST = 300.0  # seconds
_LAG_FACTOR = 4
_LATELY = 7 * 86_400_000  # ms
_HOUR = 3600
_ARCHIVE = "the archive"


def find_silence(index: FactsIndex) -> Iterator[Finding]:
    """Find applications of which nothing came for much longer than ever before."""
    for application, arrivals in _arrivals(index):
        silent = (index.facts.now - arrivals.last_at) / 1000
        longest = max(arrivals.longest_gap * _SILENT_FACTOR, SILENT_AT_LEAST)
        if arrivals.count >= ENOUGH and silent > longest:
            yield report(
                1601,
                index.subject(application),
                f"No message arrived for {int(silent // _HOUR):,} h. Before, the longest silence"
                f" was {_duration(arrivals.longest_gap)}.",
                Evidence("The last message arrived.", arrivals.last_at, _ARCHIVE),
                Evidence(
                    f"{counted(arrivals.count, 'message')} arrived since this time.",
                    arrivals.first_at,
                    _ARCHIVE,
                ),
                times=arrivals.count,
            )


def find_nothing(index: FactsIndex) -> Iterator[Finding]:
    """Find applications whose messages are meant to arrive here and never did."""
    if not index.facts.console.has_archive:
        return
    for application in index.applications:
        if application.arrivals is None and _leads_here(index, application):
            yield report(
                1602,
                index.subject(application),
                "No message of this application is in the archive.",
                Evidence("The archive has none.", index.facts.now, _ARCHIVE),
            )


def find_duplicates(index: FactsIndex) -> Iterator[Finding]:
    """Find applications with many duplicates, and messages that came by both ways."""
    for application, arrivals in _arrivals(index):
        subject = index.subject(application)
        share = arrivals.duplicates / arrivals.count if arrivals.count else 0.0
        seen = Evidence(
            f"{arrivals.duplicates:,} of the last {counted(arrivals.count, 'message')} have a"
            " messageId that was received before.",
            arrivals.last_at,
            _ARCHIVE,
        )
        by_retry = arrivals.duplicates - arrivals.doubled
        if arrivals.count >= ENOUGH and by_retry / arrivals.count > _DUPLICATES:
            sentence = f"{share:.0%} of the latest messages arrived more than once."
            yield report(1603, subject, sentence, seen, times=by_retry)
        if arrivals.doubled:
            yield report(
                1606,
                subject,
                f"{counted(arrivals.doubled, 'message')} arrived both by a pull and by a forward.",
                seen,
                times=arrivals.doubled,
            )


def find_growing_lag(index: FactsIndex) -> Iterator[Finding]:
    """Find applications whose forwards arrive later than before, or before they were sent."""
    for application, arrivals in _arrivals(index):
        lag, earlier = arrivals.lag, arrivals.earlier_lag
        if lag and earlier is not None and lag > max(_LAG_AT_LEAST, _LAG_FACTOR * earlier):
            yield report(
                1604,
                index.subject(application),
                f"The latest forwards arrived {_duration(lag)} after the platform received the"
                f" messages; before it was {_duration(earlier)}.",
                Evidence("Medians of the messages in the archive.", arrivals.last_at, _ARCHIVE),
                times=arrivals.count,
            )
        if arrivals.ahead:
            yield report(
                1608,
                index.subject(application),
                f"{counted(arrivals.ahead, 'message')} arrived before the time at which the"
                " platform received them.",
                Evidence("receivedAt is later than the arrival.", arrivals.last_at, _ARCHIVE),
                times=arrivals.ahead,
            )


def find_refused_forwards(index: FactsIndex) -> Iterator[Finding]:
    """Find that the listener refused requests since the last one that it accepted."""
    refused = index.facts.console.refused
    if refused and refused.count:
        yield report(
            1605,
            index.account_subject(),
            f"The listener refused {counted(refused.count, 'request')} since the last forward that"
            f" it accepted, the last with {refused.status or 'no status'}.",
            Evidence("The last refused request.", refused.at, "the listener"),
            times=refused.count,
        )


def find_misplaced_messages(index: FactsIndex) -> Iterator[Finding]:
    """Find messages under another connection, and messages without a route to here."""
    console, own = index.facts.console, index.facts.account.connection
    for application, arrivals in _arrivals(index):
        subject = index.subject(application)
        others = {one: count for one, count in arrivals.connections.items() if one != own and one}
        if others:
            names = ", ".join(console.connections.get(one, "not saved here") for one in others)
            yield report(
                1607,
                subject,
                f"{counted(sum(others.values()), 'message')} of this application arrived under"
                f" another connection ({names}).",
                Evidence("The last message of the application.", arrivals.last_at, _ARCHIVE),
                times=sum(others.values()),
            )
        latest = max(arrivals.last_pulled_at or 0, arrivals.last_forwarded_at or 0)
        is_late = index.facts.now - latest < _LATELY
        if is_late and application.configurations == ():
            yield report(
                1609,
                subject,
                "Messages of this application arrived lately, although it has no configuration.",
                Evidence("The last message arrived.", arrivals.last_at, _ARCHIVE),
                times=arrivals.count,
            )


def _arrivals(index: FactsIndex) -> Iterator[tuple[ApplicationFacts, ArrivalFacts]]:
    for application in index.applications:
        if application.arrivals:
            yield application, application.arrivals


def _leads_here(index: FactsIndex, application: ApplicationFacts) -> bool:
    """Return whether a forward leads to this listener, or this computer pulls."""
    has_pulled = bool(index.facts.pulls and index.facts.pulls.pulls)
    own = index.facts.account.connection
    return any(
        (action.type == ActionType.PULL and has_pulled)
        or index.facts.console.owners.get(action.forward_url) == own
        for configuration in application.configurations or ()
        for action in configuration.actions or ()
    )


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{int(seconds // size):,} {unit}"
    return f"{seconds:,.0f} s"

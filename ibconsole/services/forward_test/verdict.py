"""Whether the platform would count an answer as delivered: what is documented, and what is not.

The rules are those of platform.md §5: 200 is expected; everything else is inference, and
said to be.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from ibconsole.hosts import is_loopback, is_private
from ibconsole.services.forward_test.certificates import Certificate

SOON = 14  # days until a certificate ends
SLOW = 5.0  # seconds
LONG = 1_024  # bytes of an answer


class Counts(StrEnum):
    """Whether the platform would count it as delivered."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence, what of it is documented, what is inferred, and what else to look at."""

    counts: Counts
    sentence: str
    documented: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


_EXPECTED = "The platform expects 200."
_RETRIED = (
    "For forwards of mobile push no retries are documented. For delivery reports and SMS the"
    " platform tries again after 1 min + 1 min * n²; assume the same, and the message lost at the"
    " end."
)
_LOST = (
    "Such an answer has cost users their messages: store what comes, answer 200, and look into it"
    " afterwards."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a test; `seconds` is how long all of it took."""

    status: int | None
    problem: str = ""
    seconds: float = 0.0
    answer_size: int = 0
    certificates: Sequence[Certificate] = ()
    untrusted: bool = False


def judge(url: str, outcome: Outcome) -> Verdict:
    """The verdict on a test of this URL."""
    counts, sentence, inferred = _delivery(outcome)
    remarks = (*_reach(url, outcome), *_quality(outcome))
    return Verdict(counts, sentence, (_EXPECTED,), inferred, remarks)


def _delivery(outcome: Outcome) -> tuple[Counts, str, tuple[str, ...]]:
    status, problem = outcome.status, outcome.problem
    if outcome.untrusted:
        return (
            Counts.NO,
            "No: the certificate is not trusted here, so nothing was sent.",
            ("Whether the platform accepts such a certificate is not documented.", _RETRIED),
        )
    if status is None:
        return Counts.NO, f"No: there was no answer. {problem}", (_RETRIED,)
    if status == 200 and problem:
        return (
            Counts.PERHAPS,
            f"Perhaps: the answer began with 200, but did not end well. {problem}",
            ("Whether the platform reads an answer to its end is not documented.",),
        )
    return _by_status(status)


def _by_status(status: int) -> tuple[Counts, str, tuple[str, ...]]:
    match status // 100:
        case 2 if status == 200:
            return Counts.YES, "Yes: this answer counts as delivered.", ()
        case 2:
            said = "is a success, but not the one that is expected"
            likely = "Other codes of the 200s are likely to count, too. Answer 200 to be sure."
            return Counts.PERHAPS, f"Perhaps: {status} {said}.", (likely,)
        case 3:
            unknown = "Whether the platform follows redirects is not documented. Use the final URL."
            return Counts.NO, f"No, as far as is known: {status} leads elsewhere.", (unknown,)
        case 4:
            return Counts.NO, f"No: {status} says that the request is wrong.", (_LOST, _RETRIED)
    return Counts.NO, f"No: {status} says that the server has failed.", (_RETRIED,)


def _reach(url: str, outcome: Outcome) -> Iterator[str]:
    """From where the platform would come."""
    host = _host(url)
    if is_loopback(host):
        yield (
            "This computer was asked. The platform calls from the internet: to it, this address"
            " is its own computer."
        )
    elif host and is_private(host):
        yield "The host is in a private network, which the platform does not reach."
    elif outcome.status is not None:
        yield "This was asked from here. A firewall may treat the platform otherwise."


def _quality(outcome: Outcome) -> Iterator[str]:
    """What may go wrong another day."""
    if outcome.certificates:
        left = outcome.certificates[0].days_left
        if left < 0:
            yield "The certificate has ended."
        elif left <= SOON:
            yield f"The certificate ends in {left} days."
    if outcome.seconds >= SLOW:
        yield (
            f"It took {outcome.seconds:.1f} s. How long the platform waits is not documented:"
            " answer at once, and work afterwards."
        )
    if outcome.answer_size > LONG:
        yield (
            "The answer is long. The platform logs it, and its support may show it: answer"
            " shortly, without anything secret."
        )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""

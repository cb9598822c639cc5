"""The verdict on an answer: would the platform count the message as delivered?

The rules are those of platform.md §5. Only one is documented, that the platform expects 200;
everything else is inferred, and the verdict says so.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from ibconsole.hosts import host_of, is_loopback, is_private
from ibconsole.services.forward_test.certificates import Certificate

EXPIRES_SOON = 14  # days until a certificate expires
SLOW = 5.0  # seconds
LONG = 1_024  # bytes of an answer


class Delivered(StrEnum):
    """The likelihood that the platform counts a message as delivered."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


class Verdict(msgspec.Struct, frozen=True):
    """A verdict with its reasons, all in sentences.

    `documented` and `inferred` are the rules behind it; `remarks` are about other risks.
    """

    counts: Delivered
    sentence: str
    documented: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


_EXPECTED = "The platform expects 200."
_RETRIED = (
    "For forwards of mobile push no retries are documented. For delivery reports and SMS the"
    " platform tries again after 1 min + 1 min * n²; assume the same, and that the message is lost"
    " after the last retry."
)
_LOST = (
    "Such an answer has cost users their messages: store what arrives, answer 200, and validate it"
    " afterwards."
)


class ForwardOutcome(msgspec.Struct, frozen=True):
    """The part of a test's result that a verdict depends on.

    `seconds` is the duration of all phases; `status` is None if no answer arrived.
    """

    status: int | None
    problem: str = ""
    seconds: float = 0.0
    answer_size: int = 0
    certificates: Sequence[Certificate] = ()
    untrusted: bool = False


def judge(url: str, outcome: ForwardOutcome) -> Verdict:
    """Return the verdict on the outcome of a test of this URL."""
    counts, sentence, inferred = _delivery(outcome)
    remarks = (*_reachability(url, outcome), *_risks(outcome))
    return Verdict(counts, sentence, (_EXPECTED,), inferred, remarks)


def _delivery(outcome: ForwardOutcome) -> tuple[Delivered, str, tuple[str, ...]]:
    status, problem = outcome.status, outcome.problem
    if outcome.untrusted:
        return (
            Delivered.NO,
            "No: the certificate is not trusted here, so nothing was sent.",
            ("Whether the platform accepts such a certificate is not documented.", _RETRIED),
        )
    if status is None:
        return Delivered.NO, f"No: there was no answer. {problem}", (_RETRIED,)
    if status == 200 and problem:
        return (
            Delivered.PERHAPS,
            f"Perhaps: the answer began with 200, but was not complete. {problem}",
            ("Whether the platform reads an answer to its end is not documented.",),
        )
    return _by_status(status)


def _by_status(status: int) -> tuple[Delivered, str, tuple[str, ...]]:
    match status // 100:
        case 2 if status == 200:
            return Delivered.YES, "Yes: this answer counts as delivered.", ()
        case 2:
            sentence = f"Perhaps: {status} is a success, but not the one that is expected."
            likely = "Other codes of the 200s are likely to count, too. Answer 200 to be sure."
            return Delivered.PERHAPS, sentence, (likely,)
        case 3:
            sentence = f"No, as far as is known: {status} is a redirect."
            unknown = "Whether the platform follows redirects is not documented. Use the final URL."
            return Delivered.NO, sentence, (unknown,)
        case 4:
            sentence = f"No: {status} says that the request is wrong."
            return Delivered.NO, sentence, (_LOST, _RETRIED)
    return Delivered.NO, f"No: {status} says that the server has failed.", (_RETRIED,)


def _reachability(url: str, outcome: ForwardOutcome) -> Iterator[str]:
    """Compare the reach of this computer with that of the platform."""
    host = host_of(url)
    if is_loopback(host):
        yield (
            "The test stayed on this computer. The platform calls from the internet: to it, this"
            " address is its own computer."
        )
    elif host and is_private(host):
        yield "The host is in a private network, which the platform does not reach."
    elif outcome.status is not None:
        yield (
            "The request came from this computer. A firewall may treat the platform's requests"
            " differently."
        )


def _risks(outcome: ForwardOutcome) -> Iterator[str]:
    """List what may make a later delivery fail."""
    if outcome.certificates:
        left = outcome.certificates[0].days_left
        if left < 0:
            yield "The certificate has expired."
        elif left <= EXPIRES_SOON:
            yield f"The certificate expires in {left} days."
    if outcome.seconds >= SLOW:
        yield (
            f"It took {outcome.seconds:.1f} s. How long the platform waits is not documented:"
            " answer at once, and process the message afterwards."
        )
    if outcome.answer_size > LONG:
        yield (
            "The answer is long. The platform logs it, and its support may see it: keep answers"
            " short and free of secrets."
        )

"""The rungs of requests: what one answer, a repetition, other senders and a crowd amount to."""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from ibconsole.plural import counted
from ibconsole.services.forward_test.causes import counts_with, remedy_for, state_of
from ibconsole.services.forward_test.records import ForwardTest
from ibconsole.services.forward_test.rungs import Cause, Ladder, Rung, RungKind, RungState, SentTest
from ibconsole.services.forward_test.verdict import Delivered

_PAGE_SENTENCES = {
    Cause.CHALLENGE_PAGE: "A challenge, such as a captcha, answers in place of the endpoint",
    Cause.BLOCK_PAGE: "A firewall's page answers in place of the endpoint",
    Cause.LOGIN_PAGE: "A log-in page answers in place of the endpoint",
    Cause.TUNNEL_OFF: "The tunnel answers that nothing is connected to it",
    Cause.HTML_WITH_200: "A web page answers, which endpoints for messages rarely do",
    Cause.ERROR_IN_200: "The endpoint reports an error in its answer, and success by its status",
    Cause.HTTPS_EXPECTED: "The port expects TLS, and got plain http",
    Cause.HTTP_1_0: "Delivered, in an answer of HTTP/1.0",
    Cause.ANSWER_SLOW: "Delivered, but the answer is slow",
}
# A difference that one change of the request makes where the unchanged one is accepted.
_DEPENDENCIES = {
    "no agent": Cause.NEEDS_USER_AGENT,
    "lower case": Cause.HEADER_CASE,
    "expect": Cause.EXPECT_REFUSED,
    "chunked": Cause.CHUNKED_REFUSED,
    "other agent": Cause.USER_AGENT_FILTERED,
    "our agent": Cause.USER_AGENT_FILTERED,
    # Where the agent alone makes no difference, other headers do.
    "curl": Cause.SENDER_FILTERED,
    "ours": Cause.SENDER_FILTERED,
}
# The most telling first. Chunked last: small servers that read no chunks are common, and other
# faults graver.
_ORDER = (
    "lower case",
    "expect",
    "other agent",
    "our agent",
    "no agent",
    "curl",
    "ours",
    "chunked",
)
# The cause behind a refusal that one change lifts, the most specific first.
_REASONS = (
    ("other agent", Cause.USER_AGENT_FILTERED),
    ("our agent", Cause.USER_AGENT_FILTERED),
    ("no agent", Cause.USER_AGENT_FILTERED),
    ("lower case", Cause.HEADER_CASE),
    ("chunked", Cause.STATUS_411),
    ("curl", Cause.SENDER_FILTERED),
    ("ours", Cause.SENDER_FILTERED),
)
# Failures that may depend on the sender: an answer of HTTP, or none to this request.
SENDER_MATTERS = frozenset(
    {
        Cause.RESET_AFTER_REQUEST,
        Cause.CLOSED_WITHOUT_ANSWER,
        Cause.NO_ANSWER_IN_TIME,
        Cause.CHALLENGE_PAGE,
        Cause.BLOCK_PAGE,
        Cause.HTML_WITH_200,
        Cause.REDIRECT,
        Cause.REDIRECT_TO_LOGIN,
        *(cause for cause in Cause if cause.name.startswith(("STATUS_", "GATEWAY_"))),
    }
)


def page_sentence(cause: Cause) -> str:
    """Return what answers in place of an endpoint, as a sentence without its end; else empty."""
    return _PAGE_SENTENCES.get(cause, "")


def answer_rung(test: ForwardTest) -> Rung:
    """Judge the answer to the first request."""
    cause = test.cause
    status = f" ({test.status})" if test.status else ""
    sentence = (
        f"{_PAGE_SENTENCES[cause]}{status}." if cause in _PAGE_SENTENCES else test.verdict.sentence
    )
    target = next((value for name, value in test.headers if name.lower() == "location"), "")
    if cause in {Cause.REDIRECT, Cause.REDIRECT_TO_LOGIN} and target:
        sentence += f" It leads to {target[:200]}."
    details = (*test.verdict.inferred, *test.verdict.remarks)
    return Rung(
        RungKind.ANSWER, state_of(cause), sentence, remedy_for(cause), details, test.seconds, cause
    )


def repeat_rung(first: ForwardTest, second: ForwardTest) -> Rung:
    """Judge the answer to the same message once more; the platform may repeat one."""
    kind, seconds = RungKind.REPEAT, second.seconds
    if is_accepted(second) or (second.status, second.cause) == (first.status, first.cause):
        return Rung(
            kind, RungState.PASSED, "The same message is accepted once more.", seconds=seconds
        )
    refused = second.status is not None and 400 <= second.status < 500
    cause = Cause.DUPLICATE_REFUSED if refused else Cause.DUPLICATE_DIFFERS
    sentence = f"The same message once more gets {_answer(second)}, after {_answer(first)}."
    return Rung(kind, state_of(cause), sentence, remedy_for(cause), (), seconds, cause)


def senders_rung(first: ForwardTest, others: Mapping[str, ForwardTest]) -> Rung:
    """Judge the same message of other senders, by their names; name what makes the difference."""
    accepted = is_accepted(first)
    different = {name: test for name, test in others.items() if is_accepted(test) is not accepted}
    details = (
        *(f"{_capital(_as(test.sender))}: {_answer(test)}." for test in (first, *others.values())),
    )
    seconds = max((test.seconds for test in others.values()), default=0.0)
    if not different:
        sentence = "All senders get the same answer." if others else "No other sender."
        return Rung(RungKind.SENDERS, RungState.PASSED, sentence, "", details, seconds)
    if accepted:
        name = next(name for name in _ORDER if name in different)
        cause, state = _DEPENDENCIES[name], RungState.WARNING
        sentence = _dependency_sentence(name, different)
    else:
        cause = next((why for name, why in _REASONS if name in different), Cause.SENDER_FILTERED)
        state, sentence = RungState.FAILED, _reason_sentence(first, cause, different)
    return Rung(RungKind.SENDERS, state, sentence, remedy_for(cause), details, seconds, cause)


def unstable_rung(first: ForwardTest, again: ForwardTest) -> Rung:
    """Judge an endpoint that answers the same request otherwise: it says nothing about senders."""
    limited = 429 in (first.status, again.status)
    cause = Cause.STATUS_429 if limited else Cause.UNSTABLE
    sentence = (
        f"After {_answer(first)}, the same request {_as(first.sender)} gets {_answer(again)}:"
        f" {'there is a limit of requests' if limited else 'the answers change'}."
    )
    return Rung(
        RungKind.SENDERS, RungState.WARNING, sentence, remedy_for(cause), (), again.seconds, cause
    )


def not_compared_rung(reason: str) -> Rung:
    """Say why senders are not compared."""
    return Rung(RungKind.SENDERS, RungState.SKIPPED, f"Not compared: {reason}.")


def parallel_rung(tests: Sequence[ForwardTest]) -> Rung:
    """Judge the answers to requests that were sent at once."""
    seconds = max((test.seconds for test in tests), default=0.0)
    failed = [test for test in tests if not is_accepted(test)]
    tally = Counter(_answer(test) for test in tests)
    details = tuple(f"{count} of {len(tests)}: {answer}." for answer, count in tally.most_common())
    if not failed:
        sentence = f"All {len(tests)} requests at once are accepted."
        return Rung(RungKind.PARALLEL, RungState.PASSED, sentence, "", details, seconds)
    cause = Cause.PARALLEL_REFUSED
    sentence = f"{len(failed)} of {len(tests)} requests at once fail: {_answer(failed[0])}."
    return Rung(
        RungKind.PARALLEL, state_of(cause), sentence, remedy_for(cause), details, seconds, cause
    )


def is_accepted(test: ForwardTest) -> bool:
    """Return whether the platform would count the message as delivered, or may."""
    return state_of(test.cause) is not RungState.FAILED and test.verdict.counts is not Delivered.NO


def in_line(test: ForwardTest, ladder: Ladder) -> ForwardTest:
    """Return the test with the ladder's verdict, where that knows more than the answer says."""
    known = next((rung for rung in ladder.rungs if rung.cause is ladder.cause), None)
    explained = known is not None and _explains(known, test)
    if ladder.counts is test.verdict.counts and not explained:
        return test
    word = "No" if ladder.counts is Delivered.NO else "Perhaps"
    if test.status is None and ladder.counts is Delivered.PERHAPS:
        word = "Not known"
    reason = known.sentence if known else test.problem
    unsent = "" if ladder.sent or "othing was sent" in reason else " Nothing was sent."
    sentence = f"{word}: {reason}{unsent}"
    verdict = replace(test.verdict, counts=ladder.counts, sentence=sentence)
    return replace(test, verdict=verdict)


def _explains(rung: Rung, test: ForwardTest) -> bool:
    """Return whether a failed rung says more than the answer, or than that there was none."""
    if rung.state is not RungState.FAILED or rung.sentence == test.verdict.sentence:
        return False
    return test.status is None or rung.kind is RungKind.SENDERS


def first_cause(rungs: Sequence[Rung]) -> Cause:
    """Return the first cause: of a rung that failed, else of a warning; NONE without either.

    What tells senders apart explains a refusal better than its status. That this computer's own
    address cannot be reached from elsewhere comes last: a user who tests it knows.
    """
    failed = [rung for rung in rungs if rung.state is RungState.FAILED]
    warned = [rung for rung in rungs if rung.state is RungState.WARNING and rung.cause]
    explained = [rung for rung in failed if rung.kind is RungKind.SENDERS]
    addresses = [rung for rung in warned if rung.cause is Cause.PRIVATE_ADDRESSES]
    ordered = [
        *(failed if not _is_answer(failed) else explained or failed),
        *(rung for rung in warned if rung not in addresses and rung.cause is not Cause.NONE),
        *addresses,
    ]
    return ordered[0].cause if ordered else Cause.NONE


def _is_answer(failed: Sequence[Rung]) -> bool:
    return bool(failed) and failed[0].kind is RungKind.ANSWER


def sent_test(test: ForwardTest, rung: RungKind) -> SentTest:
    """Return what the ladder keeps of a request."""
    return SentTest(
        label=test.sender,
        rung=rung,
        counts=counts_with(test.verdict.counts, test.cause),
        status=test.status,
        seconds=test.seconds,
        problem=test.problem,
        cause=test.cause,
        id=test.id,
    )


def _dependency_sentence(name: str, different: Mapping[str, ForwardTest]) -> str:
    test, others = different[name], counted(len(different) - 1, "more difference")
    also = "" if len(different) == 1 else f", and {others}"
    return f"Refused only {_as(test.sender)}: {_answer(test)}{also}."


def _reason_sentence(first: ForwardTest, cause: Cause, different: Mapping[str, ForwardTest]) -> str:
    passed = ", ".join(_as(test.sender) for test in different.values())
    reasons = {
        Cause.USER_AGENT_FILTERED: "filtered by User-Agent",
        Cause.HEADER_CASE: "the spelling of header names counts",
        Cause.STATUS_411: "the framing of the request counts",
        Cause.SENDER_FILTERED: "filtered by the headers of the sender",
    }
    return (
        f"{_capital(_answer(first))} only {_as(first.sender)}: {reasons[cause]}. Accepted {passed}."
    )


def _as(label: str) -> str:
    return label if label.startswith(("with ", "without ", "chunked")) else f"as {label}"


def _answer(test: ForwardTest) -> str:
    if test.status is None:
        return f"no answer ({test.cause})"
    return f"{test.status}" + (
        "" if is_accepted(test) or test.status != 200 else f" ({test.cause})"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""IBC-14xx: rules about the answers to recorded tests of an endpoint."""

from collections.abc import Iterator

from ibconsole.hosts import host_of
from ibconsole.services.diagnosis.catalogue import Evidence, Finding
from ibconsole.services.diagnosis.rules.facts import AnswerFacts, EndpointFacts, Trouble
from ibconsole.services.diagnosis.rules.index import FactsIndex, Forward, report
from ibconsole.services.diagnosis.rules.network import endpoints
from ibconsole.services.forward_test import Cause

SLOW = 5.0  # seconds
_NUMBERS = {
    Cause.REDIRECT: 1401,
    Cause.NOT_200_2XX: 1402,
    Cause.STATUS_401: 1403,
    Cause.STATUS_402: 1409,
    Cause.STATUS_403: 1404,
    Cause.STATUS_404: 1405,
    Cause.STATUS_410: 1405,
    Cause.STATUS_405: 1406,
    Cause.STATUS_501: 1406,
    Cause.STATUS_400: 1407,
    Cause.STATUS_406: 1407,
    Cause.STATUS_409: 1407,
    Cause.STATUS_411: 1407,
    Cause.STATUS_413: 1407,
    Cause.STATUS_414: 1407,
    Cause.STATUS_415: 1407,
    Cause.STATUS_417: 1407,
    Cause.STATUS_422: 1407,
    Cause.STATUS_431: 1407,
    Cause.STATUS_429: 1408,
    Cause.STATUS_407: 1409,
    Cause.STATUS_408: 1409,
    Cause.STATUS_421: 1409,
    Cause.STATUS_426: 1409,
    Cause.STATUS_4XX: 1409,
    Cause.STATUS_ODD: 1409,
    Cause.STATUS_500: 1410,
    Cause.STATUS_5XX: 1410,
    Cause.GATEWAY_502: 1411,
    Cause.GATEWAY_503: 1411,
    Cause.GATEWAY_504: 1411,
    Cause.GATEWAY_52X: 1411,
    Cause.ANSWER_SLOW: 1412,
    Cause.CHALLENGE_PAGE: 1413,
    Cause.BLOCK_PAGE: 1413,
    Cause.LOGIN_PAGE: 1414,
    Cause.REDIRECT_TO_LOGIN: 1414,
    Cause.HTML_WITH_200: 1415,
    Cause.NO_ANSWER_IN_TIME: 1416,
    Cause.CLOSED_WITHOUT_ANSWER: 1416,
    Cause.RESET_AFTER_REQUEST: 1416,
    Cause.ANSWER_RESET: 1417,
    Cause.ANSWER_CUT: 1417,
    Cause.ANSWER_STALLED: 1417,
    Cause.ANSWER_NOT_HTTP: 1418,
    Cause.ANSWER_INVALID: 1418,
    Cause.HTTPS_EXPECTED: 1418,
    Cause.USER_AGENT_FILTERED: 1419,
    Cause.NEEDS_USER_AGENT: 1419,
    Cause.SENDER_FILTERED: 1419,
    Cause.DUPLICATE_REFUSED: 1420,
    Cause.DUPLICATE_DIFFERS: 1420,
    Cause.PARALLEL_REFUSED: 1421,
    Cause.HTTP_1_0: 1422,
    Cause.ERROR_IN_200: 1423,
    Cause.UNSTABLE: 1424,
    Cause.EXPECT_REFUSED: 1425,
    Cause.CHUNKED_REFUSED: 1425,
    Cause.HEADER_CASE: 1425,
    Cause.TUNNEL_OFF: 1426,
}


def find_bad_answers(index: FactsIndex) -> Iterator[Finding]:
    """Find what the latest recorded test of each endpoint has shown."""
    for forward, endpoint in endpoints(index):
        answer = endpoint.answer
        if not answer or _is_outdated(endpoint, answer):
            continue
        reported = set()
        for trouble in answer.troubles:
            number = _NUMBERS.get(trouble.cause)
            if number and number not in reported:
                reported.add(number)
                yield _finding(index, forward, number, answer, trouble)
        if answer.seconds > SLOW and answer.status is not None and 1412 not in reported:
            sentence = f"The answer took {answer.seconds:.1f} s."
            trouble = Trouble(Cause.ANSWER_SLOW, sentence)
            yield _finding(index, forward, 1412, answer, trouble)


def _is_outdated(endpoint: EndpointFacts, answer: AnswerFacts) -> bool:
    """Return whether a later probe contradicts a test without an answer."""
    return (
        answer.status is None
        and endpoint.at is not None
        and endpoint.at > answer.at
        and not any(_NUMBERS.get(one.cause) for one in answer.troubles)
    )


def _finding(
    index: FactsIndex, forward: Forward, number: int, answer: AnswerFacts, trouble: Trouble
) -> Finding:
    where = host_of(forward.url)
    status = "no answer" if answer.status is None else f"status {answer.status}"
    return report(
        number,
        index.subject_of(forward),
        trouble.sentence,
        Evidence(
            f"A test {answer.vantage or 'from this computer'}: {status}, {answer.seconds:.1f} s.",
            answer.at,
            where,
        ),
        *(Evidence(detail, answer.at, where) for detail in trouble.details),
        remedy=trouble.remedy,
    )

"""An outcome claims no more than is certain."""

import pytest

from ibconsole.archive.ledger.exchange import BuiltRequest
from ibconsole.archive.ledger.records import Outcome
from ibconsole.http1.trace import Phase, Phases, RequestFailure, RequestTrace
from ibconsole.services.redelivery.outcomes import (
    activity_entry,
    ended_request,
    outcome_of,
    stopped_request,
)
from tests.unit.services.redelivery.conftest import answered

REQUEST = BuiltRequest(
    id="r",
    items=(1, 2),
    data=b"POST /in HTTP/1.1\r\nHost: h\r\nX: a:b\r\n\r\nbody",
    sha256="",
    body_sha256="",
    sender="us",
)
HTML = ((b"Content-Type", b"text/html"),)
PAGE = b"<!doctype html><html><body>Welcome</body></html>"


def _failed(phase: Phase, failure: RequestFailure) -> RequestTrace:
    return RequestTrace(phase=phase, failure=failure, problem="It failed.")


@pytest.mark.parametrize(
    ("trace", "outcome"),
    [
        (answered(200), Outcome.ACKNOWLEDGED),
        (answered(200, b""), Outcome.ACKNOWLEDGED),
        (answered(200, b"", phases=Phases(first_byte=30.0)), Outcome.ACKNOWLEDGED),
        (answered(204), Outcome.UNKNOWN),
        (answered(202), Outcome.UNKNOWN),
        (RequestTrace(status=200, headers=HTML, body=PAGE), Outcome.UNKNOWN),
        (answered(200, b'{"error": "no such user"}'), Outcome.UNKNOWN),
        (RequestTrace(status=200, headers=(*HTML, (b"Content-Encoding", b"br")), body=b"\x8b"),
         Outcome.UNKNOWN),
        (answered(200, truncated=True), Outcome.UNKNOWN),
        (answered(200, truncated=True, problem="Cut.", failure=RequestFailure.CUT),
         Outcome.UNKNOWN),
        (answered(500), Outcome.REFUSED),
        (answered(500, truncated=True, problem="Cut."), Outcome.REFUSED),
        (answered(302), Outcome.REFUSED),
        (answered(404), Outcome.REFUSED),
        (answered(407, proxy_failed=True, problem="The proxy wants a log-in."), Outcome.NOT_SENT),
        (_failed(Phase.DNS, RequestFailure.UNKNOWN_NAME), Outcome.NOT_SENT),
        (_failed(Phase.DNS, RequestFailure.URL), Outcome.NOT_SENT),
        (_failed(Phase.TCP, RequestFailure.REFUSED), Outcome.NOT_SENT),
        (_failed(Phase.TLS, RequestFailure.CERTIFICATE), Outcome.NOT_SENT),
        (_failed(Phase.FIRST_BYTE, RequestFailure.TIMEOUT), Outcome.UNKNOWN),
        (_failed(Phase.FIRST_BYTE, RequestFailure.RESET), Outcome.UNKNOWN),
        (_failed(Phase.FIRST_BYTE, RequestFailure.CLOSED), Outcome.UNKNOWN),
        (_failed(Phase.REST, RequestFailure.PROTOCOL), Outcome.UNKNOWN),
    ],
)  # fmt: skip
def test_between_certain_success_and_certain_failure_is_unknown(
    trace: RequestTrace, outcome: Outcome
) -> None:
    """Only 200 that is no page is acknowledged; only what was not sent or refused is repeated."""
    found, problem = outcome_of(trace)
    assert found is outcome
    assert bool(problem) is (outcome is not Outcome.ACKNOWLEDGED)


def test_sentences_give_the_reason() -> None:
    assert outcome_of(answered(500))[1] == "500 says that the endpoint has failed."
    page = outcome_of(RequestTrace(status=200, headers=HTML, body=PAGE))[1]
    assert page == (
        "A web page answers, which endpoints for messages rarely do. It may have the message all"
        " the same, so nothing is repeated without a decision."
    )


def test_an_answer_is_recorded_as_it_came() -> None:
    trace = answered(200, b"ok", reason="Fine", phases=Phases(first_byte=0.5))
    ended = ended_request(4, REQUEST, trace, 1_000)
    assert (ended.id, ended.items, ended.outcome) == ("r", (1, 2), Outcome.ACKNOWLEDGED)
    assert ended.answer
    assert (ended.answer.job, ended.answer.at, ended.answer.reason) == (4, 1_500, "Fine")
    assert (ended.answer.body, ended.answer.size, ended.answer.complete) == (b"ok", 2, True)
    assert ended.answer.headers == (("Content-Type", "application/json"),)

    failed = ended_request(4, REQUEST, _failed(Phase.TCP, RequestFailure.REFUSED), 1_000)
    assert (failed.answer, failed.problem) == (None, "It failed.")
    assert stopped_request(REQUEST).outcome is Outcome.UNKNOWN


def test_activity_shows_the_request_as_it_was_sent() -> None:
    entry = activity_entry(4, "http://u:p@h/in", REQUEST, answered(200), 9)
    assert (entry.method, entry.purpose, entry.request_body) == ("POST", "Redelivery 4", b"body")
    assert entry.request_headers == (("Host", "h"), ("X", "a:b"))
    assert "u:p" not in entry.url

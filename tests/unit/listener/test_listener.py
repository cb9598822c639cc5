"""The listener's answers, and the arrivals that it stores."""

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from ibconsole.http1.message import (
    AnswerPart,
    Malformed,
    PendingResponse,
    Request,
    Response,
    SentEnd,
)
from ibconsole.listener.answers import (
    ActiveScenario,
    AnswerRule,
    AnswerScenario,
    RuleAnswer,
    RuleCondition,
)
from ibconsole.listener.listener import UNMATCHED_BYTES, Listener, Owner
from ibconsole.model.answers import AnswerOutcome, SentAnswer
from ibconsole.model.message import Arrival

OWNERS = {"/in": Owner("acme"), "/unowned": Owner(None)}
find_owner = OWNERS.get


OnStored = Callable[[int | Exception], None]


class Stored(list[Arrival]):
    """A store that keeps the arrivals in a list."""

    def __call__(self, arrival: Arrival, on_stored: OnStored) -> None:
        self.append(arrival)
        on_stored(len(self))


def response_of(pending: PendingResponse) -> Response:
    """Return the answer, which has been given."""
    given = list[Response]()
    pending.when_given(given.append)
    [response] = given
    return response


def request(method: str = "POST", target: str = "/in?x=1", body: bytes = b"{}") -> Request:
    return Request(method, target, "1.1", ((b"X-Odd", b"\xff"),), body, "127.0.0.1", b"raw" + body)


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE", "PURGE"])
@pytest.mark.parametrize("body", [b'{"results":[]}', b"{", b"", b"\xff\x00"])
def test_any_request_on_a_known_path(method: str, body: bytes) -> None:
    """An unreadable body is stored and answered 200: a 4xx would lose messages."""
    stored = Stored()

    answer = response_of(Listener(find_owner, stored)(request(method, body=body)))

    [arrival] = stored
    assert (answer.status, answer.body) == (200, b"")
    assert (arrival.method, arrival.body, arrival.raw) == (method, body, b"raw" + body)
    assert arrival.headers == (("X-Odd", "ÿ"),)


def test_unknown_path() -> None:
    """A request on an unknown path is answered 404 and stored for inspection."""
    stored = Stored()

    answer = response_of(Listener(find_owner, stored)(request(target="/favicon.ico")))

    assert answer.status == stored[0].status == 404
    assert stored[0].problem


@pytest.mark.parametrize(
    ("target", "status", "connection", "unmatched"),
    [
        ("/in?x=1", 200, "acme", False),
        ("/unowned", 200, None, False),
        ("http://here/in", 200, "acme", False),
        ("/in/", 404, None, True),
        ("/IN", 404, None, True),
        ("/", 404, None, True),
    ],
)
def test_path_decides_the_connection(
    target: str, status: int, connection: str | None, *, unmatched: bool
) -> None:
    """A forward belongs to the connection that owns its path; on other paths it is unmatched."""
    stored = Stored()

    answer = response_of(Listener(find_owner, stored)(request(target=target)))

    [arrival] = stored
    assert answer.status == arrival.status == status
    assert (arrival.connection, arrival.unmatched) == (connection, unmatched)


@pytest.mark.parametrize(
    ("raw", "connection", "unmatched"),
    [
        (b"POST /in HTTP/1.1\r\nbad header\r\n\r\n", "acme", False),
        (b"POST http://h/in HTTP/9\r\n", "acme", False),
        (b"POST /other HTTP/1.1\r\nbad header\r\n\r\n", None, True),
        (b"/in", None, True),
        (b"\xff \xfe \xfd", None, True),
        (b"", None, True),
    ],
)
def test_malformed_request_on_a_known_path(
    raw: bytes, connection: str | None, *, unmatched: bool
) -> None:
    """A malformed request is stored completely if its first line contains a known path."""
    stored = Stored()
    raw += b"x" * UNMATCHED_BYTES

    Listener(find_owner, stored).store_malformed(Malformed(raw, "Odd.", 400, "127.0.0.1"))

    [arrival] = stored
    assert (arrival.connection, arrival.unmatched) == (connection, unmatched)
    assert arrival.raw == (raw[:UNMATCHED_BYTES] if unmatched else raw)


def test_large_unmatched_request() -> None:
    """Large requests on unknown paths cannot fill the disk: their beginning is stored."""
    stored = Stored()

    Listener(find_owner, stored)(request(target="/no", body=b"b" * (UNMATCHED_BYTES + 10)))

    [arrival] = stored
    assert len(arrival.raw) == len(arrival.body) == UNMATCHED_BYTES
    assert f"Of its {UNMATCHED_BYTES + 13} bytes the first" in arrival.problem


def test_lasting_failure_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """An outage of the store is logged once; an outage after a success is logged again."""
    broken_now = [True, True, False, True]

    def store(_: Arrival, on_stored: OnStored) -> None:
        on_stored(OSError() if broken_now.pop(0) else 1)

    listener = Listener(find_owner, store)
    with caplog.at_level(logging.ERROR):
        statuses = [response_of(listener(request())).status for _ in range(4)]

    assert statuses == [503, 503, 200, 503]
    assert len(caplog.records) == 2
    caplog.clear()


def broken(_: Arrival, on_stored: OnStored) -> None:
    raise OSError("disk full at /secret/place")


def test_failure_to_store(caplog: pytest.LogCaptureFixture) -> None:
    """A request that cannot be stored is answered 503 with Retry-After and no details."""
    answer = response_of(Listener(find_owner, broken)(request()))

    assert (answer.status, answer.body) == (503, b"")
    assert answer.headers == ((b"Retry-After", b"60"),)
    assert "not stored" in caplog.text


def test_an_answer_follows_the_commit() -> None:
    """There is no answer until the request is on disk; requests may be stored in any order."""
    waiting = list[OnStored]()
    listener = Listener(find_owner, lambda _, on_stored: waiting.append(on_stored))
    given = list[int]()
    for target in ("/in", "/other"):
        listener(request(target=target)).when_given(lambda answer: given.append(answer.status))

    assert given == []
    waiting.pop()(2)
    waiting.pop()(1)
    assert given == [404, 200]


def test_oddities_are_stored() -> None:
    """What is odd about the HTTP of a request is stored with it, and does not change its answer."""
    stored = Stored()
    odd = replace(request(), oddities=("There is no Host.", "A line ends oddly."))

    answer = response_of(Listener(find_owner, stored)(odd))

    assert answer.status == 200
    assert stored[0].problem == "There is no Host. A line ends oddly."


def test_malformed_request_is_stored() -> None:
    """The bytes of a malformed request are stored with the reason."""
    stored = Stored()

    Listener(find_owner, stored).store_malformed(
        Malformed(b"\x16\x03", "Not HTTP.", 400, "127.0.0.1")
    )

    assert (stored[0].raw, stored[0].status, stored[0].problem) == (b"\x16\x03", 400, "Not HTTP.")


def answering(*rules: AnswerRule) -> ActiveScenario:
    return ActiveScenario(AnswerScenario("s", rules), lambda _: ())


DOWN = AnswerRule("down", answer=RuleAnswer(503, body="down"))


def test_a_rule_answers_what_is_stored() -> None:
    """The planned answer is stored with the request, and what was sent is reported for it."""
    stored, sent = Stored(), list[tuple[int, SentAnswer]]()
    listener = Listener(find_owner, stored, lambda *one: sent.append(one))
    listener.scenario = answering(DOWN)

    answer = response_of(listener(request()))
    answer.report(AnswerPart(SentEnd.LEFT, 7, 2.0))

    [arrival] = stored
    assert (answer.status, answer.body) == (503, b"down")
    assert arrival.status == 200
    assert arrival.answer
    assert (arrival.answer.rule, arrival.answer.status) == ("down", 503)
    [(delivery, part)] = sent
    assert (delivery, part.outcome, part.size, part.seconds) == (1, AnswerOutcome.LEFT, 7, 2.0)


def test_a_rule_answers_nothing_that_is_not_stored(caplog: pytest.LogCaptureFixture) -> None:
    """A rule that says 200 does not make a sender believe that its request is on disk."""
    listener = Listener(find_owner, broken)
    listener.scenario = answering(AnswerRule("fine"))

    assert response_of(listener(request())).status == 503
    caplog.clear()


def test_rules_leave_unknown_paths_alone() -> None:
    """A sender without the path learns nothing of the rules, unless a rule names its path."""
    stored = Stored()
    listener = Listener(find_owner, stored)
    listener.scenario = answering(DOWN, AnswerRule("case", RuleCondition(path="/case")))

    statuses = [
        response_of(listener(request(target=target))).status for target in ("/", "/case/", "/in")
    ]

    assert statuses == [404, 503, 503]
    assert [arrival.unmatched for arrival in stored] == [True, False, False]
    assert stored[1].connection is None


def test_a_rule_that_fails_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    """A bug in a rule costs neither the request nor its usual answer."""

    def fail(_: Request) -> None:
        raise MemoryError

    stored = Stored()
    listener = Listener(find_owner, stored)
    scenario = AnswerScenario("s", (AnswerRule("r", RuleCondition(text="x"), RuleAnswer(500)),))
    listener.scenario = ActiveScenario(scenario, fail)

    statuses = [response_of(listener(request())).status for _ in range(2)]

    assert statuses == [200, 200]
    assert stored[0].answer is None
    assert stored[0].problem == "The answer rules failed (MemoryError): answered as usual."
    assert len(caplog.records) == 1
    caplog.clear()

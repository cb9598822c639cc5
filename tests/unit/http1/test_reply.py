"""What the answer to a request has to look like."""

import asyncio
from collections import deque

import pytest

from ibconsole.http1.incoming import Limits, RequestRefusal
from ibconsole.http1.message import AnswerPart, Request, Response, SentEnd
from ibconsole.http1.reply import SharedState, drop_all, reply_for, reply_for_refusal


def request(version: str = "1.1", method: str = "POST", connection: bytes = b"") -> Request:
    headers = ((b"CONNECTION", connection),) if connection else ()
    return Request(method, "/", version, headers, b"", "", b"")


@pytest.mark.parametrize(
    ("asked", "keep_alive"),
    [
        (request(), True),
        (request(connection=b"keep-alive"), True),
        (request(connection=b"x, Close"), False),
        (request(version="1.0", connection=b"keep-alive"), False),
        (request(method="CONNECT"), False),
    ],
)
def test_keep_alive(asked: Request, *, keep_alive: bool) -> None:
    """A connection stays open unless HTTP/1.0, CONNECT or a header says otherwise."""
    assert reply_for(asked).keep_alive == keep_alive


def test_refusal_is_answered_with_its_status() -> None:
    """Whatever the report of a refused request returns, its answer is that of the refusal."""
    reply = reply_for_refusal(RequestRefusal(503, "Too much."))
    reply.set_result(Response(200))

    assert reply.response == Response(503, ((b"Retry-After", b"10"),))
    assert not reply.keep_alive


def test_failed_handler_is_answered_500() -> None:
    """A handler without a result leads to a 500; a HEAD request gets no body."""
    reply = reply_for(request(method="HEAD"))
    reply.set_result(None)

    assert reply.response == Response(500)
    assert reply.encode(Response(200, body=b"long"), keep_alive=True)[1] == b""


async def test_answers_of_one_turn_are_sent_together() -> None:
    """A connection is called once for all answers that were given in one turn of the loop."""
    sent = list[str]()

    def send() -> None:
        sent.append("sent")

    shared = SharedState(lambda _: Response(), None, Limits(), lambda _: None)
    shared.loop = asyncio.get_running_loop()
    shared.send_soon(send)
    shared.send_soon(send)
    before = list(sent)
    await asyncio.sleep(0)

    assert (before, sent) == ([], ["sent"])


def test_a_dropped_answer_is_reported() -> None:
    """An answer that comes when nothing is sent any more reports that nothing was sent."""
    parts: list[AnswerPart] = []
    early, late = reply_for(request()), reply_for(request())
    early.set_result(Response(on_sent=parts.append))

    drop_all(deque([early, late]), SentEnd.LEFT)
    late.set_result(Response(on_sent=parts.append))

    assert parts == [AnswerPart(SentEnd.LEFT, 0, 0.0)] * 2

"""Two answers are compared by what they say, not by how it is written."""

from msgspec.structs import replace

from ibconsole.archive.ledger.records import RedeliveryAnswer
from ibconsole.services.comparison.comparison import ComparedValue, Side
from ibconsole.services.redelivery.answer_comparison import HEAD, compare_answers

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"
ANSWER = RedeliveryAnswer(
    job=1,
    at=5,
    status=200,
    reason="OK",
    headers=(("Content-Type", "application/json"), ("X-Id", "1"), ("Set-Cookie", "a=secret")),
    body=b'{"ok": true, "count": 1.0}',
    size=26,
    sha256="",
    complete=True,
    problem="",
    seconds=0.1,
)


def differing(found: object) -> list[tuple[str, str, str, Side]]:
    rows: tuple[ComparedValue, ...] = getattr(found, "rows", ())
    return [(one.name, one.left, one.right, one.side) for one in rows if one.side != "equal"]


def test_order_and_case_make_no_difference() -> None:
    other = replace(
        ANSWER,
        headers=tuple((name.upper(), value) for name, value in reversed(ANSWER.headers)),
        body=b'{"count":1.0,"ok":true}',
    )
    found = compare_answers(ANSWER, other)

    assert differing(found) == []
    assert [row.group for row in found.rows][:2] == [f"{HEAD}: status", f"{HEAD}: content-type"]
    assert not any("secret" in row.left for row in found.rows)


def test_status_headers_and_values_are_compared() -> None:
    other = replace(
        ANSWER,
        status=500,
        reason="Internal Server Error",
        headers=(("Content-Type", "application/json"), ("Retry-After", "5")),
        body=b'{"ok": true, "count": 1}',
        size=100,
    )
    found = compare_answers(ANSWER, other)

    assert differing(found)[:4] == [
        ("status", "200 OK", "500 Internal Server Error", Side.DIFFERENT),
        ("retry-after", "", "5", Side.RIGHT_ONLY),
        ("set-cookie", "••••", "", Side.LEFT_ONLY),
        ("x-id", "1", "", Side.LEFT_ONLY),
    ]
    assert [row.left for row in found.rows if row.side == "different"][1:] == ["1.0"]
    assert "100 bytes only the first 24" in found.notes[-1]


def test_an_answer_that_did_not_come_is_compared_by_why() -> None:
    none = replace(ANSWER, status=None, reason="", headers=(), body=b"", problem="It was reset.")
    [status, *_] = differing(compare_answers(none, ANSWER))

    assert status == ("status", "It was reset.", "200 OK", Side.DIFFERENT)


def test_codes_are_masked_and_still_differ() -> None:
    left = replace(ANSWER, body=f'{{"code": "{CODE}"}}'.encode())
    right = replace(ANSWER, body=f'{{"code": "{CODE[:-1]}b"}}'.encode())
    found = compare_answers(left, right, CODE)

    assert found.differences == 1
    assert CODE not in str(found)

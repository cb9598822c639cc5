import gzip
import json

import pytest

from ibconsole.http1.message import Request, Response
from ibconsole.simulator.faults import FAULTS, Faults, Order

ANSWER = Response(200, (), b'{"results":[]}')
KEY = "App 0123456789abcdef"


def request() -> Request:
    return Request(
        method="GET",
        target="/push/2/inbox",
        headers=((b"Authorization", KEY.encode()),),
        body=b"",
        peer="127.0.0.1",
        version="1.1",
        raw=b"",
    )


def changed(fault: str) -> Response:
    order = Order(fault)
    return order.instead(request()) or order.spoilt(request(), ANSWER)


def taken(faults: Faults, call: str, operation: str = "") -> str:
    order = faults.take(call, operation)
    return order.fault if order else ""


def test_faults_happen_in_order_and_as_often_as_ordered() -> None:
    """Each order is for calls that match, and is used up."""
    faults = Faults()
    faults.plan(Order("500", times=2, match="GET /push"))
    faults.plan(Order("cut"))

    assert taken(faults, "POST /push") == "cut"
    assert taken(faults, "POST /push") == ""
    assert [taken(faults, "GET /push/1") for _ in range(3)] == ["500", "500", ""]


def test_a_fault_of_one_operation() -> None:
    """The list of applications can fail while each application's own paths do not."""
    faults = Faults()
    faults.plan(Order("500", times=9, operation="GET /push/1/applications"))

    assert taken(faults, "GET /push/1/applications/x", "GET /push/1/applications/{}") == ""
    assert taken(faults, "GET /push/1/applications", "GET /push/1/applications") == "500"


def test_flapping() -> None:
    """Every second call fails, as often as ordered."""
    faults = Faults()
    faults.plan(Order("503", times=2, every=2))

    assert [taken(faults, "GET /x") for _ in range(5)] == ["503", "", "503", "", ""]


def test_orders_can_be_seen_and_cancelled() -> None:
    """What is still to come is no secret."""
    faults = Faults()
    faults.plan(Order("hang", times=3, match="x", seconds=2.0))
    assert faults.planned == [{"fault": "hang", "times": 3, "match": "x", "seconds": 2.0}]

    faults.clear()
    assert faults.planned == []


@pytest.mark.parametrize(
    "order",
    [
        {"fault": "nonsense"},
        {"fault": "500", "times": 0},
        {"fault": "500", "every": 0},
        {"fault": "slow", "seconds": -1},
    ],
)
def test_an_order_that_makes_no_sense_is_refused(order: dict[str, object]) -> None:
    """A fault that does not exist, that never happens, or that goes back in time."""
    with pytest.raises(ValueError, match=r"fault|once"):
        Order(**order)  # type: ignore[arg-type]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_differs_from_a_good_answer(fault: str) -> None:
    """No fault is without effect."""
    assert changed(fault) != ANSWER


def test_spoilt_answers() -> None:
    """Cut in the middle, longer than declared, without its end, packed although not asked."""
    cut, long = changed("cut").fault, changed("wrong-length").fault
    assert cut is not None
    assert cut.cut_after == len(ANSWER.body) // 2
    assert long is not None
    assert long.declared_length == len(ANSWER.body) + 100
    assert changed("not-json").body == ANSWER.body[:-1]
    assert gzip.decompress(changed("gzip").body) == ANSWER.body
    assert Order("gzip").spoilt(request(), Response(204)) == Response(204)


@pytest.mark.parametrize("fault", ["echo", "echo-400", "echo-401", "echo-403", "echo-500"])
def test_an_answer_that_repeats_the_credential(fault: str) -> None:
    """As careless programs do: in the body and in a header."""
    answer = changed(fault)

    assert json.loads(answer.body)["receivedAuthorization"] == KEY
    assert (b"X-Received-Authorization", KEY.encode()) in answer.headers


def test_how_long_a_fault_takes() -> None:
    """Slow answers take 3 s unless ordered otherwise."""
    usual, quick = Order("slow"), Order("slow", seconds=0.1)
    assert usual.spoilt(request(), ANSWER).fault.delay == 3.0  # type: ignore[union-attr]
    assert quick.spoilt(request(), ANSWER).fault.delay == 0.1  # type: ignore[union-attr]

import gzip
import json

import pytest

from ibconsole.http1.message import Request, Response
from ibconsole.simulator.faults import FAULTS, FaultOrder, FaultQueue

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


def faulty_answer(fault: str) -> Response:
    order = FaultOrder(fault)
    return order.replace_answer(request()) or order.alter_answer(request(), ANSWER)


def take(faults: FaultQueue, call: str, operation: str = "") -> str:
    order = faults.take(call, operation)
    return order.fault if order else ""


def test_faults_happen_in_order_and_as_often_as_ordered() -> None:
    """An order affects matching calls only, and ends after its number of times."""
    faults = FaultQueue()
    faults.add(FaultOrder("500", times=2, match="GET /push"))
    faults.add(FaultOrder("cut"))

    assert take(faults, "POST /push") == "cut"
    assert take(faults, "POST /push") == ""
    assert [take(faults, "GET /push/1") for _ in range(3)] == ["500", "500", ""]


def test_a_fault_can_affect_one_operation_only() -> None:
    """The list of applications can fail while the paths below it do not."""
    faults = FaultQueue()
    faults.add(FaultOrder("500", times=9, operation="GET /push/1/applications"))

    assert take(faults, "GET /push/1/applications/x", "GET /push/1/applications/{}") == ""
    assert take(faults, "GET /push/1/applications", "GET /push/1/applications") == "500"


def test_a_fault_can_skip_calls() -> None:
    """With `every` 2 each second call fails, up to the number of times."""
    faults = FaultQueue()
    faults.add(FaultOrder("503", times=2, every=2))

    assert [take(faults, "GET /x") for _ in range(5)] == ["503", "", "503", "", ""]


def test_pending_faults_are_listed_and_cancelled() -> None:
    """Every pending order is listed with its non-default fields."""
    faults = FaultQueue()
    faults.add(FaultOrder("hang", times=3, match="x", seconds=2.0))
    assert faults.pending == [{"fault": "hang", "times": 3, "match": "x", "seconds": 2.0}]

    faults.clear()
    assert faults.pending == []


@pytest.mark.parametrize(
    "order",
    [
        {"fault": "nonsense"},
        {"fault": "500", "times": 0},
        {"fault": "500", "every": 0},
        {"fault": "slow", "seconds": -1},
    ],
)
def test_an_invalid_order_is_refused(order: dict[str, object]) -> None:
    """Unknown faults, counts below 1 and negative durations are refused."""
    with pytest.raises(ValueError, match=r"fault|once"):
        FaultOrder(**order)  # type: ignore[arg-type]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_differs_from_a_good_answer(fault: str) -> None:
    """Every fault has an effect on the answer."""
    assert faulty_answer(fault) != ANSWER


def test_altered_answers() -> None:
    """Answers are cut off, declare a wrong length, end early or are compressed anyway."""
    cut, long = faulty_answer("cut").fault, faulty_answer("wrong-length").fault
    assert cut is not None
    assert cut.cut_after == len(ANSWER.body) // 2
    assert long is not None
    assert long.declared_length == len(ANSWER.body) + 100
    assert faulty_answer("not-json").body == ANSWER.body[:-1]
    assert gzip.decompress(faulty_answer("gzip").body) == ANSWER.body
    assert FaultOrder("gzip").alter_answer(request(), Response(204)) == Response(204)


@pytest.mark.parametrize("fault", ["echo", "echo-400", "echo-401", "echo-403", "echo-500"])
def test_an_answer_can_echo_the_credential(fault: str) -> None:
    """A careless platform would repeat it in the body and in a header."""
    answer = faulty_answer(fault)

    assert json.loads(answer.body)["receivedAuthorization"] == KEY
    assert (b"X-Received-Authorization", KEY.encode()) in answer.headers


def test_the_duration_of_a_delay() -> None:
    """Slow answers take 3 s unless the order has another duration."""
    default, short = FaultOrder("slow"), FaultOrder("slow", seconds=0.1)
    assert default.alter_answer(request(), ANSWER).fault.delay == 3.0  # type: ignore[union-attr]
    assert short.alter_answer(request(), ANSWER).fault.delay == 0.1  # type: ignore[union-attr]

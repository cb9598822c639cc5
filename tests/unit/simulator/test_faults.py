import gzip

import pytest

from ibconsole.http1.message import Response
from ibconsole.simulator.faults import FAULTS, INSTEAD, SPOILING, Faults

ANSWER = Response(200, (), b'{"results":[]}')


def test_faults_happen_in_order_and_as_often_as_ordered() -> None:
    """Each order is for calls that match, and is used up."""
    faults = Faults()
    faults.plan("500", times=2, match="GET /push")
    faults.plan("cut", times=1, match="")

    assert faults.take("POST /push") == "cut"
    assert faults.take("POST /push") == ""
    assert [faults.take("GET /push/1") for _ in range(3)] == ["500", "500", ""]


def test_orders_can_be_seen_and_cancelled() -> None:
    """What is still to come is no secret."""
    faults = Faults()
    faults.plan("hang", times=3, match="x")
    assert faults.planned == [{"fault": "hang", "times": 3, "match": "x"}]

    faults.forget()
    assert faults.planned == []


@pytest.mark.parametrize(("fault", "times"), [("nonsense", 1), ("500", 0)])
def test_an_order_that_makes_no_sense_is_refused(fault: str, times: int) -> None:
    """A fault that does not exist, or that never happens."""
    with pytest.raises(ValueError, match=r"fault|once"):
        Faults().plan(fault, times=times, match="")


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_differs_from_a_good_answer(fault: str) -> None:
    """No fault is without effect."""
    answer = INSTEAD[fault]() if fault in INSTEAD else SPOILING[fault](ANSWER)

    assert answer != ANSWER


def test_spoilt_answers() -> None:
    """Cut in the middle, longer than declared, without its end, packed although not asked."""
    cut, long = SPOILING["cut"](ANSWER).fault, SPOILING["wrong-length"](ANSWER).fault
    assert cut is not None
    assert cut.cut_after == len(ANSWER.body) // 2
    assert long is not None
    assert long.declared_length == len(ANSWER.body) + 100
    assert SPOILING["not-json"](ANSWER).body == ANSWER.body[:-1]
    assert gzip.decompress(SPOILING["gzip"](ANSWER).body) == ANSWER.body
    assert SPOILING["gzip"](Response(204)) == Response(204)

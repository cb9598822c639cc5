"""The JSON Schema for editors, docs/answers.schema.json, against the reader and the writer."""

import json
from typing import Any

import pytest

from ibconsole.listener.answers import PRESETS
from ibconsole.services.answer_files import AnswerEnd, read_answer_file, write_answer_file
from ibconsole.services.documents import FileFormat, InvalidDocument
from tests.unit.services.json_schema import Schema

SCHEMA = Schema("answers.schema.json")


def is_read(value: Any) -> bool:
    try:
        read_answer_file(json.dumps(value).encode(), "s.json")
    except InvalidDocument:
        return False
    return True


def file_of(*rules: Any, **others: Any) -> dict[str, Any]:
    return {"version": 1, "name": "n", "rules": list(rules), **others}


def with_condition(**when: Any) -> dict[str, Any]:
    return file_of({"name": "r", "when": when, "answer": {}})


def with_answer(**answer: Any) -> dict[str, Any]:
    return file_of({"name": "r", "answer": answer})


@pytest.mark.parametrize(
    "value",
    [
        file_of(),
        file_of(speed=0.5, seed=-3, **{"$schema": "answers.schema.json"}),
        with_condition(path="/a*", application="C", keyword="K", text="t", share=0.5),
        with_condition(header={"name": "a"}, share="20 %", requests=3),
        with_condition(header={"name": "a", "value": "*"}, requests={"first": 1, "last": 3}),
        with_condition(requests={"every": 2}, time={"after": 1, "before": "10 min"}),
        with_condition(time={"since": "2026-11-30T08:00Z", "until": "2026-12-01"}),
        with_answer(status=503, headers={"A": "b", "C": 60}, body="{text}", delay="500 ms"),
        with_answer(headers=[{"name": "A", "value": "b"}, {"name": "A", "value": 1}]),
        with_answer(end="hang", duration=3),
        with_answer(end="wrong-length", declaredLength=9, body="x"),
        *(with_answer(end=end.value, body="x") for end in AnswerEnd),
    ],
)
def test_both_accept(value: Any) -> None:
    """What an editor accepts is read."""
    assert (SCHEMA.accepts(value), is_read(value)) == (True, True)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        file_of(version=2),
        file_of(name=""),
        file_of(name="n" * 101),
        file_of(name=5),
        file_of(speed=0),
        file_of(speed="1"),
        file_of(seed=0.5),
        file_of(other=1),
        file_of("r"),
        file_of({"name": "r"}),
        file_of({"answer": {}}),
        file_of({"name": "r", "answer": {}, "then": 1}),
        file_of(*({"name": f"{number}", "answer": {}} for number in range(201))),
        with_condition(method="GET"),
        with_condition(path="inbound"),
        with_condition(header={"value": "x"}),
        with_condition(share=1.5),
        with_condition(share="half"),
        with_condition(requests=0),
        with_condition(requests={"first": 0}),
        with_condition(requests={"step": 2}),
        with_condition(time={"after": -1}),
        with_condition(time={"before": "soon"}),
        with_condition(time={"since": "7d"}),
        with_condition(time={"from": 1}),
        with_answer(status=99),
        with_answer(status="503"),
        with_answer(headers=["A"]),
        with_answer(headers={"A": None}),
        with_answer(body=5),
        with_answer(delay="1 week"),
        with_answer(end="crash"),
        with_answer(declaredLength=-1, end="wrong-length"),
        with_answer(code=500),
    ],
)
def test_both_refuse(value: Any) -> None:
    """What the reader refuses, an editor marks, as far as a schema can say it."""
    assert (SCHEMA.accepts(value), is_read(value)) == (False, False)


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_written_is_valid(name: str) -> None:
    """A scenario that was saved is valid in an editor."""
    assert SCHEMA.accepts(json.loads(write_answer_file(PRESETS[name], FileFormat.JSON)))

"""Predictions and runs as rows."""

import csv
import io
import json

from ibconsole.model import encode
from ibconsole.services.retry_law import RetryLaw
from ibconsole.services.retry_simulation.agreement import compare_run
from ibconsole.services.retry_simulation.behaviour import read_segments, scenario_of
from ibconsole.services.retry_simulation.prediction import (
    MessageFate,
    RetryAttempt,
    SenderTraits,
    predict,
)
from ibconsole.services.retry_simulation.tables import (
    answers_of,
    csv_lines,
    fate_row,
    prediction_json,
    run_rows,
)

FOUND = predict(
    scenario_of(read_segments("error 100 s")), SenderTraits(RetryLaw(delays=(30, 60))), [0, 50]
)


def test_a_message_is_a_row() -> None:
    """The outcome, how late it is, and the answers in their order."""
    assert fate_row(FOUND.messages[0]) == ("1", "0 s", "3", "lost", "1 min 30 s", "", "503 \xd73")
    assert fate_row(FOUND.messages[1])[3:] == (
        "delivered",
        "2 min 20 s",
        "1 min 30 s",
        "503 \xd72, 200",
    )


def test_many_answers_are_shortened() -> None:
    """A row stays readable."""
    attempts = tuple(RetryAttempt(0, 0, str(200 + number)) for number in range(20))

    assert answers_of(MessageFate(1, 0, attempts)) == "200, 201, 202, …, 217, 218, 219"


def test_csv_has_numbers() -> None:
    """Times are in seconds, and every attempt has its own."""
    lines = b"".join(csv_lines(FOUND)).decode()

    rows = list(csv.reader(io.StringIO(lines)))
    assert rows[0][:4] == ["message", "arrives", "attempts", "outcome"]
    assert rows[2][1:7] == ["50", "3", "delivered", "140", "90", "50 80 140"]


def test_json_has_prediction_and_run() -> None:
    """Another program can check both."""
    agreement = compare_run(FOUND, FOUND.messages, 3_600)

    found = json.loads(encode(prediction_json(FOUND, agreement)))

    assert (found["lost"], found["law"]["delays"], found["timeout"]) == (1, [30, 60], 10)
    assert found["messages"][1]["attempts"][2] == {
        "at": 140,
        "ended": 140,
        "answer": "200",
        "rule": "",
    }
    assert found["run"]["agrees"]
    assert found["run"]["messages"][0]["expected"] == found["messages"][0]
    assert run_rows(agreement)[1] == (
        "2",
        "agrees",
        "delivered at 2 min 20 s, attempt 3",
        "delivered at 2 min 20 s, attempt 3",
        "",
    )

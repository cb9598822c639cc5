"""Predictions and runs as rows: for tables, CSV and JSON. Times are seconds from the start."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ibconsole.services.messages import encode_row
from ibconsole.services.retry_law import law_json
from ibconsole.services.retry_simulation.agreement import Agreement
from ibconsole.services.retry_simulation.prediction import (
    MessageFate,
    Prediction,
    show_seconds,
)

HEADERS = ("MESSAGE", "ARRIVES", "ATTEMPTS", "OUTCOME", "AT", "LATE", "ANSWERS")
_CSV = ("message", "arrives", "attempts", "outcome", "ended", "late", "attempt times", "answers")
_MOST_ANSWERS = 6


def fate_row(fate: MessageFate) -> tuple[str, ...]:
    """Return a message as cells of a table with HEADERS."""
    return (
        str(fate.number),
        show_seconds(fate.at),
        f"{len(fate.attempts):,}",
        outcome_of(fate),
        show_seconds(fate.ended),
        "" if fate.late is None else show_seconds(fate.late),
        answers_of(fate),
    )


def outcome_of(fate: MessageFate) -> str:
    """Return the outcome in a word."""
    return "lost" if fate.delivered_at is None else "delivered"


def answers_of(fate: MessageFate) -> str:
    """Return the answers in order, equal ones next to each other counted."""
    runs: list[tuple[str, int]] = []
    for attempt in fate.attempts:
        if runs and runs[-1][0] == attempt.answer:
            runs[-1] = (attempt.answer, runs[-1][1] + 1)
        else:
            runs.append((attempt.answer, 1))
    shown = [
        text if count == 1 else f"{text} \N{MULTIPLICATION SIGN}{count}" for text, count in runs
    ]
    if len(shown) > _MOST_ANSWERS:
        shown[_MOST_ANSWERS // 2 : -_MOST_ANSWERS // 2] = ["…"]
    return ", ".join(shown)


def csv_lines(prediction: Prediction) -> Iterator[bytes]:
    """Yield a prediction as lines of CSV, with a header; times in seconds."""
    yield encode_row(_CSV)
    for one in prediction.messages:
        yield encode_row(
            (
                str(one.number),
                _number(one.at),
                str(len(one.attempts)),
                outcome_of(one),
                _number(one.ended),
                "" if one.late is None else _number(one.late),
                " ".join(_number(attempt.at) for attempt in one.attempts),
                answers_of(one),
            )
        )


def prediction_json(prediction: Prediction, agreement: Agreement | None = None) -> dict[str, Any]:
    """Return a prediction, and a run with its comparison if there is one, as JSON objects."""
    sender = prediction.sender
    found: dict[str, Any] = {
        "scenario": prediction.scenario.name,
        "law": msgspec.json.decode(law_json(sender.law)),
        "timeout": sender.timeout,
        "connections": sender.connections,
        "leftOut": list(prediction.left_out),
        "lost": len(prediction.lost),
        "messages": [_fate_json(one) for one in prediction.messages],
    }
    if agreement:
        found["run"] = _run_json(agreement)
    return found


def _run_json(agreement: Agreement) -> Mapping[str, Any]:
    verdicts = zip(agreement.messages, agreement.observed, agreement.expected.messages, strict=True)
    return {
        "speed": agreement.speed,
        "agrees": agreement.agrees,
        "tolerance": agreement.tolerance,
        "latest": agreement.latest,
        "messages": [
            {
                "verdict": verdict.verdict.value,
                "sentence": verdict.sentence,
                "expected": _fate_json(expected),
                "observed": _fate_json(observed),
            }
            for verdict, observed, expected in verdicts
        ],
    }


def _fate_json(fate: MessageFate) -> Mapping[str, Any]:
    return {
        "message": fate.number,
        "arrives": fate.at,
        "outcome": outcome_of(fate),
        "deliveredAt": fate.delivered_at,
        "late": fate.late,
        "attempts": [
            {"at": one.at, "ended": one.ended, "answer": one.answer, "rule": one.rule}
            for one in fate.attempts
        ],
    }


def run_rows(agreement: Agreement) -> Sequence[tuple[str, ...]]:
    """Return the comparison of each message: number, verdict, expected, observed, explanation."""
    return [
        (str(one.number), one.verdict.value, _short(expected), _short(observed), one.sentence)
        for one, expected, observed in zip(
            agreement.messages, agreement.expected.messages, agreement.observed, strict=True
        )
    ]


def _short(fate: MessageFate) -> str:
    return f"{outcome_of(fate)} at {show_seconds(fate.ended)}, attempt {len(fate.attempts)}"


def _number(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")

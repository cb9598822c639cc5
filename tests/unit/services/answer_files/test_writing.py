import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.listener.answers import (
    PRESETS,
    AnswerRule,
    AnswerScenario,
    HeaderCondition,
    RequestNumbers,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
    check_scenario,
)
from ibconsole.model import AnswerEnd
from ibconsole.services.answer_files import read_answer_file, write_answer_file
from ibconsole.services.documents import FileFormat

TEXTS = st.text(max_size=6) | st.text("ab:# -?'\"\\\n\t\u202e😀", max_size=8)
NAMES = TEXTS.filter(lambda text: text.strip() and text.isprintable())
SECONDS = st.floats(0, 3600) | st.sampled_from([0.0, 0.5, 60.0, 90.0, 3600.0])
NUMBERS = st.integers(1, 5)
CONDITIONS = st.builds(
    RuleCondition,
    path=st.sampled_from(["", "/in", "*"]),
    application=TEXTS,
    keyword=TEXTS,
    text=TEXTS,
    header=st.none() | st.builds(HeaderCondition, st.just("X-A"), TEXTS),
    share=st.floats(0, 1) | st.just(1.0),
    numbers=st.none()
    | st.builds(RequestNumbers, NUMBERS, st.none() | st.integers(5, 9), NUMBERS)
    | st.just(RequestNumbers(3, 3)),
    window=st.none()
    | st.builds(TimeWindow, st.just(0.0) | SECONDS, st.none() | st.floats(4000, 1e9))
    | st.builds(TimeWindow, since=st.none() | st.integers(0, 4_000_000_000_000)),
)
ANSWERS = st.builds(
    RuleAnswer,
    status=st.integers(205, 303),
    headers=st.lists(
        st.tuples(st.sampled_from(["A", "B-C"]), TEXTS.filter(lambda text: "\n" not in text)),
        max_size=3,
    ).map(tuple),
    body=TEXTS,
    delay=SECONDS,
    end=st.sampled_from([AnswerEnd.NORMAL, AnswerEnd.CLOSE, AnswerEnd.HALF_BODY]),
)
SCENARIOS = st.builds(
    AnswerScenario,
    NAMES,
    st.lists(st.builds(AnswerRule, NAMES, CONDITIONS, ANSWERS), max_size=2).map(tuple),
    st.floats(0.001, 100_000) | st.just(1.0),
    st.integers(0, 9),
)


@settings(max_examples=30)
@given(SCENARIOS, st.sampled_from(FileFormat))
def test_what_is_written_is_read(scenario: AnswerScenario, file_format: FileFormat) -> None:
    """A file says exactly what was written into it."""
    if list(check_scenario(scenario)):
        return

    data = write_answer_file(scenario, file_format)

    assert read_answer_file(data, f"s.{file_format}") == scenario


@pytest.mark.parametrize("file_format", FileFormat)
@pytest.mark.parametrize("name", PRESETS)
def test_presets_as_files(name: str, file_format: FileFormat) -> None:
    """A preset is a scenario like others: it can be saved, changed and loaded."""
    data = write_answer_file(PRESETS[name], file_format)

    assert read_answer_file(data, f"s.{file_format}") == PRESETS[name]


def test_a_scenario_in_yaml() -> None:
    """What has its default is left out, durations have units, and lines stay lines."""
    rule = AnswerRule(
        "r",
        RuleCondition(numbers=RequestNumbers(3, 3), window=TimeWindow(before=600.0)),
        RuleAnswer(503, (("Retry-After", "60"),), "<p>\n\n  down</p>\n", 1.5, AnswerEnd.HANG, 90.0),
    )

    assert write_answer_file(AnswerScenario("n", (rule, AnswerRule("x")))).decode() == (
        """\
# Answers of the listener; `ibconsole listen --answers FILE` gives them.
version: 1
name: "n"
rules:
  - name: r
    when:
      requests: 3
      time:
        before: 10 min
    answer:
      status: 503
      headers:
        Retry-After: "60"
      body: |
        <p>
        \n          down</p>
      delay: 1500 ms
      end: hang
      duration: 90 s
  - name: x
    answer:
      status: 200
"""
    )


def test_json_has_the_same_members() -> None:
    """Names that are repeated make a list of the headers, in both formats."""
    headers = (("a", "1"), ("b", "2"), ("a", "3"))
    scenario = AnswerScenario(
        "n",
        (
            AnswerRule(
                "r",
                RuleCondition(share=0.2, window=TimeWindow(2.0, since=1_796_025_600_000)),
                RuleAnswer(headers=headers, end=AnswerEnd.WRONG_LENGTH, declared_length=9),
            ),
        ),
        60.0,
        3,
    )

    assert json.loads(write_answer_file(scenario, FileFormat.JSON)) == {
        "version": 1,
        "name": "n",
        "speed": 60,
        "seed": 3,
        "rules": [
            {
                "name": "r",
                "when": {"share": 0.2, "time": {"after": "2 s", "since": "2026-11-30T08:00:00Z"}},
                "answer": {
                    "status": 200,
                    "headers": [{"name": name, "value": value} for name, value in headers],
                    "end": "wrong-length",
                    "declaredLength": 9,
                },
            }
        ],
    }

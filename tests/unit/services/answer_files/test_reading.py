from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.errors import UserError
from ibconsole.listener.answers import (
    AnswerRule,
    AnswerScenario,
    HeaderCondition,
    RequestNumbers,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
)
from ibconsole.model import AnswerEnd
from ibconsole.services.answer_files.reading import LARGEST, read_answer_file
from ibconsole.services.documents import InvalidDocument

YAML = """\
version: 1
name: Outage
speed: 60
seed: 7
rules:
  - name: down
    when:
      path: /in/*
      application: CODE
      keyword: STOP
      text: help
      header: {name: User-Agent, value: "curl*"}
      share: 20 %
      requests: {first: 2, last: 9, every: 3}
      time: {after: 0, before: 10 min, since: 2026-11-30T08:00Z, until: "2026-11-30T10:00+01:00"}
    answer:
      status: 503
      headers: {Retry-After: 60, Content-Type: text/plain}
      body: |
        down: {messageId}
      delay: 500 ms
      end: slow-drip
      duration: 2.5
  - name: third
    when: {requests: 3, share: 0.5, header: {name: X}}
    answer: {end: wrong-length, headers: [{name: a, value: b}, {name: a, value: '2'}],
             declaredLength: 7, body: x}
  - {name: rest, answer: {}}
"""
OUTAGE = AnswerScenario(
    "Outage",
    (
        AnswerRule(
            "down",
            RuleCondition(
                path="/in/*",
                application="CODE",
                keyword="STOP",
                text="help",
                header=HeaderCondition("User-Agent", "curl*"),
                share=0.2,
                numbers=RequestNumbers(2, 9, 3),
                window=TimeWindow(0.0, 600.0, 1_796_025_600_000, 1_796_029_200_000),
            ),
            RuleAnswer(
                503,
                (("Retry-After", "60"), ("Content-Type", "text/plain")),
                "down: {messageId}\n",
                0.5,
                AnswerEnd.SLOW_DRIP,
                2.5,
            ),
        ),
        AnswerRule(
            "third",
            RuleCondition(header=HeaderCondition("X"), share=0.5, numbers=RequestNumbers(3, 3)),
            RuleAnswer(
                headers=(("a", "b"), ("a", "2")),
                body="x",
                end=AnswerEnd.WRONG_LENGTH,
                declared_length=7,
            ),
        ),
        AnswerRule("rest"),
    ),
    60.0,
    7,
)
START = "version: 1\nname: n\nrules:\n- name: a\n"


def problems_of(text: str, name: str = "s.yaml") -> Sequence[str]:
    with pytest.raises(InvalidDocument) as raised:
        read_answer_file(text.encode(), name)
    return [line.removeprefix(f"{name}:") for line in raised.value.lines]


def test_everything_that_a_scenario_can_say() -> None:
    """Each field of the values has a member in the file, and durations have units."""
    assert read_answer_file(YAML.encode(), "s.yaml") == OUTAGE


def test_the_example_of_the_documentation() -> None:
    """The scenario in the documentation is valid, and says what the text around it does."""
    text = (Path(__file__).parents[4] / "docs" / "answers.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]

    scenario = read_answer_file(example.encode(), "answers.md")

    assert [one.answer.status for one in scenario.rules] == [503, 200, 500, 200]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[]", ["1:1: the file has to be a mapping with version, name, rules"]),
        (
            "version: 1\nrules: {}",
            [
                "1:1: name is missing: write `name:` and what the scenario is about",
                "2:8: rules has to be a list, [] for none",
            ],
        ),
        (
            "version: 1\nname: ''\nspeed: 0\nseed: 0.5\nrules: []",
            [
                "2:7: a name has 1 to 100 printable characters",
                "3:8: the speed is from 0.001 to 100,000",
                "4:7: seed has to be a whole number",
            ],
        ),
        (
            f"{START}  answer: {{status: 700, delay: 2 h, end: crash, body: '{{{{who}}}}'}}\n- 5\n",
            [
                "5:20: rule 1 “a”: a status is from 200 to 599, not 700",
                "5:32: rule 1 “a”: a delay is from 0 to 3,600 s",
                "5:42: rule 1 “a”: “crash” is no end of an answer: there are normal, hang,"
                " reset-before-head, reset-after-head, half-body, wrong-length, slow-drip, close",
                "6:3: rule 2: a rule has to be a mapping with name, answer",
            ],
        ),
        (
            f"{START}  when: {{share: 2, requests: {{first: 5, last: 2}}, time: {{before: -1}},"
            " header: {}, path: x}\n  answer: {}",
            [
                "5:17: rule 1 “a”: a share is a number from 0 to 1",
                "5:30: rule 1 “a”: numbers of requests begin with 1, and the last is not the"
                " smaller",
                "5:57: rule 1 “a”: a time window begins at 0 s or later, and ends after that",
                "5:79: rule 1 “a”: name is missing",
                "5:89: rule 1 “a”: a path begins with a slash",
            ],
        ),
        (
            f"{START}  when: {{share: half, requests: no, time: {{since: 7d, after: soon}}}}\n"
            "  answer: {headers: [], declaredLength: x, duration: 1}\n- {name: a, answer: {}}",
            [
                "5:17: rule 1 “a”: share has to be a number such as 0.2, or 20 %",
                "5:33: rule 1 “a”: requests has to be a whole number",
                "5:51: rule 1 “a”: since has to be a date and a time, such as 2026-11-30T08:00Z",
                "5:62: rule 1 “a”: after has to be seconds, or a duration such as 500 ms, 2 s or"
                " 10 min",
                "6:41: rule 1 “a”: declaredLength has to be a whole number",
                "6:54: rule 1 “a”: only a hang and a slow drip have a duration",
                '7:10: rule 2 “a”: another rule is called "a"',
            ],
        ),
        (
            f"{START}  answer:\n    headers:\n      A: b\n      A: c\n      X Y: z\n"
            '      Z: "{no}"\n      Q: [1]\n',
            [
                "8:7: rule 1 “a”: “A” is here twice",
                '9:12: rule 1 “a”: "X Y" is not the name of a header',
                "10:10: rule 1 “a”: {no} is no field of a request. Fields are messageId,"
                " applicationCode, from, keyword, text, method, path, query, peer, messageCount,"
                " number, now and header.NAME; {{no}} writes the braces themselves",
                "11:10: rule 1 “a”: Q has to be text",
            ],
        ),
        (
            f"{START}  answer: {{headers: 5}}",
            ["5:21: rule 1 “a”: headers has to be a mapping of names to values"],
        ),
        (
            f"{START}  answer: {{status: 204, body: x}}",
            ["5:20: rule 1 “a”: an answer with status 204 has no body"],
        ),
    ],
)
def test_every_rule_that_is_broken_is_listed(text: str, problems: Sequence[str]) -> None:
    """One reading finds all problems, each with its line, its column and its rule."""
    assert problems_of(text) == problems


def test_hostile_files_are_bounded() -> None:
    """Size, number of values, number of rules and depth have limits, which a sentence names."""
    with pytest.raises(UserError, match="larger than 2 MiB"):
        read_answer_file(b" " * (LARGEST + 1), "s")
    rules = ", ".join(f'{{"name": "r{number}", "answer": {{}}}}' for number in range(201))
    assert problems_of(f'{{"version": 1, "name": "n",\n"rules": [{rules}]}}', "s.json") == [
        "2:10: a scenario has at most 200 rules; this one has 201"
    ]
    values = f"[{'1,' * 20_000}1]"
    assert "it has more than 20,000 values" in problems_of(values, "s.json")[0]
    assert "deeper than 20 levels" in problems_of("[" * 30)[0]


FRAGMENTS = st.sampled_from(
    [*YAML.splitlines(keepends=True), *"{}[],:-|&*!%'\"\\#~\n\t\0", "1e999", ".nan", "0x1"]
)


@settings(max_examples=25)
@given(st.binary(max_size=40) | st.lists(FRAGMENTS, max_size=20).map("".join).map(str.encode))
def test_any_bytes_are_a_scenario_or_an_error(data: bytes) -> None:
    """No file whatever ends in a traceback."""
    for name in ("s.yaml", "s.json"):
        with suppress(InvalidDocument):
            read_answer_file(data, name)

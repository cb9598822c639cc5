"""Reading of a scenario file: its structure, and its rules with their places.

A file is understood as a whole or not at all, and all problems that can be found are reported at
once. The bounds of a scenario are those of the listener: `check_scenario` says what breaks one.
"""

import re
from collections.abc import Iterator, Mapping

from ibconsole.listener.answers import (
    AnswerRule,
    AnswerScenario,
    HeaderCondition,
    RequestNumbers,
    RuleAnswer,
    RuleCondition,
    ScenarioProblem,
    TimeWindow,
    check_scenario,
)
from ibconsole.model import AnswerEnd
from ibconsole.services.documents import (
    MappingNode,
    MemberReader,
    Node,
    Position,
    Problems,
    Scalar,
    ScalarKind,
    SequenceNode,
    decode,
    read_nodes,
    shown_name,
)
from ibconsole.services.runtime import InvalidDuration, InvalidTime, parse_duration, parse_time

LARGEST = 2 << 20  # bytes of a file, twice the longest body; as YAML they take some seconds
_MOST_VALUES = 20_000  # with their names; 200 rules with everything have 10,000
_HINTS = {
    "name": ": write `name:` and what the scenario is about",
    "rules": ": write `rules: []` if everything is answered 200",
    "answer": ": write `answer: {status: 503}`, for example",
}
_CONDITIONS = ("path", "application", "keyword", "text", "header", "share", "requests", "time")
_ANSWER = ("status", "headers", "body", "delay", "end", "duration", "declaredLength")
# The fields of the values, where the file has other names.
_FIELDS = {"requests": "numbers", "time": "window", "declaredLength": "declared_length"}
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?) *%")
_INSTANT = re.compile(r"[0-9]{4}-[0-9].*")
_Members = Mapping[str, Node]


def read_answer_file(data: bytes, name: str) -> AnswerScenario:
    """Read a scenario file in YAML or JSON; `name` is what errors call it.

    Raises InvalidDocument with some twenty problems at most, or another UserError if the file is
    too large.
    """
    problems = Problems(name, most_values=_MOST_VALUES)
    root = read_nodes(decode(data, name, largest=LARGEST), name, problems)
    scenario = _ScenarioReader(problems).scenario(root)
    problems.require_none()
    return scenario


class _ScenarioReader(MemberReader):
    """Reads the rules, and notes what breaks one; what it returns then is incomplete.

    It knows the place of each field, by the number of its rule and the name of the field.
    """

    def __init__(self, problems: Problems) -> None:
        super().__init__(problems)
        self._places: dict[tuple[int | None, str], Position] = {}
        self._rule: int | None = None

    def scenario(self, root: Node) -> AnswerScenario:
        """Read the whole file."""
        members = self.root(root, ("name", "rules"), ("speed", "seed", "$schema"), _HINTS)
        self._note_places(root, members, "")
        self.text(members, "$schema")
        name = self.text(members, "name")
        speed = self.number(members, "speed", 1.0)
        seed = self.whole_number(members, "seed", 0) or 0
        items = self.items(members.get("rules"), "rules")
        scenario = AnswerScenario(name, tuple(self._rules(items)), speed, seed)
        self._check(scenario)
        return scenario

    def _rules(self, items: tuple[Node, ...]) -> Iterator[AnswerRule]:
        for number, node in enumerate(items):
            self._rule, self.problems.owner = number, f"rule {number + 1}: "
            members = self.members(node, "a rule", ("name", "answer"), ("when",), _HINTS)
            self._note_places(node, members, "")
            name = self.text(members, "name")
            self.problems.owner = _label(number, name)
            when = self._condition(members["when"]) if "when" in members else RuleCondition()
            answer = self._answer(members["answer"]) if "answer" in members else RuleAnswer()
            yield AnswerRule(name, when, answer)
        self._rule, self.problems.owner = None, ""

    def _condition(self, node: Node) -> RuleCondition:
        members = self.members(node, "when", (), _CONDITIONS)
        self._note_places(node, members, "when")
        return RuleCondition(
            path=self.text(members, "path"),
            application=self.text(members, "application"),
            keyword=self.text(members, "keyword"),
            text=self.text(members, "text"),
            header=self._header(members.get("header")),
            share=self._share(members),
            numbers=self._numbers(members.get("requests")),
            window=self._window(members.get("time")),
        )

    def _header(self, node: Node | None) -> HeaderCondition | None:
        if node is None:
            return None
        members = self.members(node, "header", ("name",), ("value",))
        value = self.text(members, "value") if "value" in members else "*"
        return HeaderCondition(self.text(members, "name"), value)

    def _share(self, members: _Members) -> float:
        node = members.get("share")
        if isinstance(node, Scalar) and (found := _PERCENT.fullmatch(node.text)):
            return float(found[1]) / 100
        if isinstance(node, Scalar) and node.kind is ScalarKind.TEXT:
            self.problems.add(node.position, "share has to be a number such as 0.2, or 20 %")
            return 1.0
        return self.number(members, "share", 1.0)

    def _numbers(self, node: Node | None) -> RequestNumbers | None:
        if node is None:
            return None
        if not isinstance(node, MappingNode):
            number = self.whole_number({"requests": node}, "requests", 1)
            return RequestNumbers(number or 0, number)
        members = self.members(node, "requests", (), ("first", "last", "every"))
        first, last, every = (
            self.whole_number(members, name, default)
            for name, default in (("first", 1), ("last", None), ("every", 1))
        )
        return RequestNumbers(first or 0, last, every or 0)

    def _window(self, node: Node | None) -> TimeWindow | None:
        if node is None:
            return None
        members = self.members(node, "time", (), ("after", "before", "since", "until"))
        return TimeWindow(
            self._duration(members, "after") or 0.0,
            self._duration(members, "before"),
            self._instant(members, "since"),
            self._instant(members, "until"),
        )

    def _answer(self, node: Node) -> RuleAnswer:
        members = self.members(node, "answer", (), _ANSWER)
        self._note_places(node, members, "answer")
        return RuleAnswer(
            status=self.whole_number(members, "status", 200) or 0,
            headers=tuple(self._headers(members.get("headers"))),
            body=self.text(members, "body"),
            delay=self._duration(members, "delay") or 0.0,
            end=self._end(members),
            duration=self._duration(members, "duration"),
            declared_length=self.whole_number(members, "declaredLength"),
        )

    def _headers(self, node: Node | None) -> Iterator[tuple[str, str]]:
        """Yield headers: a mapping, or a list of name and value, which can repeat a name."""
        if node is None:
            return
        if isinstance(node, MappingNode):
            names = [name.text for name, _ in node.members]
            members = self.members(node, "headers", (), names)
            for place, (name, value) in enumerate(members.items()):
                self._places[self._rule, f"answer.headers.{place}"] = value.position
                yield name, self._header_value({name: value}, name)
        elif isinstance(node, SequenceNode):
            for place, item in enumerate(node.items):
                self._places[self._rule, f"answer.headers.{place}"] = item.position
                members = self.members(item, "a header", ("name", "value"))
                yield self.text(members, "name"), self._header_value(members, "value")
        else:
            self.problems.add(node.position, "headers has to be a mapping of names to values")

    def _header_value(self, members: _Members, name: str) -> str:
        node = members.get(name)
        if isinstance(node, Scalar) and node.kind is ScalarKind.NUMBER:
            return node.text  # `Retry-After: 60` is clear, and means the same in quotes
        return self.text(members, name)

    def _end(self, members: _Members) -> AnswerEnd:
        text = self.text(members, "end")
        if text in set(AnswerEnd):
            return AnswerEnd(text)
        if "end" in members:
            listed = ", ".join(AnswerEnd)
            rule = f"{shown_name(text)} is no end of an answer: there are {listed}"
            self.problems.add(members["end"].position, rule)
        return AnswerEnd.NORMAL

    def _duration(self, members: _Members, name: str) -> float | None:
        node = members.get(name)
        if node is None:
            return None
        if isinstance(node, Scalar) and node.kind is ScalarKind.TEXT:
            try:
                return parse_duration(node.text)
            except InvalidDuration:
                rule = f"{name} has to be seconds, or a duration such as 500 ms, 2 s or 10 min"
                self.problems.add(node.position, rule)
                return None
        return self.number(members, name, 0.0)

    def _instant(self, members: _Members, name: str) -> int | None:
        text = self.text(members, name)
        if not text:
            return None
        try:
            return parse_time(text if _INSTANT.fullmatch(text) else "")
        except InvalidTime:
            rule = f"{name} has to be a date and a time, such as 2026-11-30T08:00Z"
            self.problems.add(members[name].position, rule)
            return None

    def _note_places(self, node: Node, members: _Members, owner: str) -> None:
        self._places[self._rule, owner] = node.position
        for name, value in members.items():
            field = f"{owner}.{_FIELDS.get(name, name)}".lstrip(".")
            self._places[self._rule, field] = value.position

    def _check(self, scenario: AnswerScenario) -> None:
        """Note what the listener would refuse, once for each place that is not noted already."""
        noted = {one.position for one in self.problems.found}
        for one in check_scenario(scenario):
            position = self._place_of(one)
            if position not in noted:
                label = "" if one.rule is None else _label(one.rule, scenario.rules[one.rule].name)
                self.problems.add(position, label + _as_clause(one.sentence))

    def _place_of(self, problem: ScenarioProblem) -> Position:
        field = problem.field
        while field and (problem.rule, field) not in self._places:
            field = field.rpartition(".")[0]
        return self._places.get((problem.rule, field), Position(1, 1))


def _label(number: int, name: str) -> str:
    return f"rule {number + 1}{f' {shown_name(name)}' if name else ''}: "


def _as_clause(sentence: str) -> str:
    text = sentence.rstrip(".")
    return text[:1].lower() + text[1:]

"""Reading expressions: recursive descent, one method for each rule of the grammar.

expression = both { "OR" both }
both       = term { [ "AND" ] term }
term       = "NOT" term | "-" term | "(" expression ")" | field ":" value | word | phrase
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from ibconsole.archive import Via
from ibconsole.archive.conditions import InvalidJsonPath, Relation, check_json_path
from ibconsole.clock import now_ms
from ibconsole.services.filtering.expression import (
    FLAG_NAMES,
    AllTerms,
    AnyTerm,
    Bound,
    Expression,
    FieldName,
    FieldTerm,
    FlagTerm,
    JsonTerm,
    LagTerm,
    NegatedTerm,
    TextTerm,
    TimeTerm,
    ViaTerm,
)
from ibconsole.services.filtering.scanning import FilterError, FilterScanner, to_instant, to_lag
from ibconsole.services.runtime import InvalidTime

LONGEST = 4_000  # characters
MOST_TERMS = 100
DEEPEST = 40  # parentheses and negations in one another
_LITERAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?|true|false|null")
_EXPECTED = "a word, a field such as app:, or a parenthesis"


def parse_filter(text: str) -> Expression | None:
    """Read an expression; None if the text is empty. Raises FilterError."""
    if len(text) > LONGEST:
        raise FilterError(f"A filter has at most {LONGEST:,} characters.", LONGEST)
    return _Parser(text).parse()


def prepare_json_paths() -> None:
    """Import the library that reads paths into JSON: it takes a tenth of a second, once."""
    check_json_path("$[0:1]")


def is_literal(text: str) -> bool:
    """Return whether a text is a number, true, false or null in JSON, unless it is quoted."""
    return _LITERAL.fullmatch(text) is not None


class _Parser:
    def __init__(self, text: str) -> None:
        self._scanner = FilterScanner(text)
        self._terms = 0
        self._depth = 0
        self._fields: Mapping[str, Callable[[str], Expression]] = {
            "app": self._exact,
            "via": self._via,
            "from": self._exact,
            "keyword": self._exact,
            "id": self._exact,
            "flag": self._flag,
            "since": self._time,
            "until": self._time,
            "lag": self._lag,
            "json": self._json,
        }

    def parse(self) -> Expression | None:
        scanner = self._scanner
        scanner.skip_space()
        if not scanner.next:
            return None
        found = self._expression()
        scanner.skip_space()
        if scanner.next:
            raise FilterError("No parenthesis was opened before this one.", scanner.position)
        return found

    def _expression(self) -> Expression:
        terms = [self._both()]
        while self._takes_operator("OR"):
            terms.append(self._both())
        return terms[0] if len(terms) == 1 else AnyTerm(terms=tuple(terms))

    def _both(self) -> Expression:
        terms = [self._term()]
        while self._takes_operator("AND") or self._begins_term():
            terms.append(self._term())
        return terms[0] if len(terms) == 1 else AllTerms(terms=tuple(terms))

    def _takes_operator(self, operator: str) -> bool:
        self._scanner.skip_space()
        return self._scanner.take_operator(operator)

    def _begins_term(self) -> bool:
        return self._scanner.next not in {"", ")"} and self._scanner.peek_operator() != "OR"

    def _term(self) -> Expression:
        scanner = self._scanner
        scanner.skip_space()
        start = scanner.position
        if scanner.take_operator("NOT") or scanner.take_minus():
            return self._nested(start, lambda: NegatedTerm(term=self._term()))
        if scanner.take("("):
            return self._nested(start, lambda: self._enclosed(start))
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise FilterError(f"A filter has at most {MOST_TERMS} terms.", start)
        return self._simple_term(start)

    def _nested(self, start: int, read: Callable[[], Expression]) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            raise FilterError(f"A filter nests at most {DEEPEST} levels deep.", start)
        found = read()
        self._depth -= 1
        return found

    def _enclosed(self, start: int) -> Expression:
        found = self._expression()
        self._scanner.skip_space()
        if not self._scanner.take(")"):
            raise FilterError("The parenthesis is not closed: expected ).", start)
        return found

    def _simple_term(self, start: int) -> Expression:
        scanner = self._scanner
        if scanner.next == '"':
            text = scanner.take_quoted()
            if not text:
                raise FilterError("The quotation marks are empty: expected a text.", start)
            return TextTerm(text=text)
        if name := scanner.take_field():
            return self._field(name, start)
        operator = scanner.peek_operator()
        if operator or scanner.next in {"", ")"}:
            before = f" before {operator or ')'}" if scanner.next else ""
            raise FilterError(f"Expected {_EXPECTED}{before}.", start)
        return TextTerm(text=scanner.take_word())

    def _field(self, name: str, start: int) -> Expression:
        read = self._fields.get(name)
        if read is None:
            raise FilterError(
                f"There is no field {name}. Expected {', '.join(self._fields)}; a text with a colon"
                " needs quotation marks.",
                start,
            )
        return read(name)

    def _value(self, name: str) -> str:
        start = self._scanner.position
        value, _ = self._scanner.take_value()
        if not value:
            raise FilterError(f"Expected a value after {name}:.", start)
        return value

    def _exact(self, name: str) -> Expression:
        return FieldTerm(field=FieldName(name), value=self._value(name))

    def _via(self, name: str) -> Expression:
        return ViaTerm(via=Via(self._one_of(name, [*Via])))

    def _flag(self, name: str) -> Expression:
        return FlagTerm(flag=self._one_of(name, [*FLAG_NAMES]))

    def _one_of(self, name: str, values: list[str]) -> str:
        start = self._scanner.position
        value, _ = self._scanner.take_value()
        if value not in values:
            raise FilterError(f"Expected {' or '.join(values)} after {name}:.", start)
        return value

    def _time(self, name: str) -> Expression:
        start = self._scanner.position
        time = self._value(name).strip()
        try:
            to_instant(time, datetime.fromtimestamp(now_ms() / 1000).astimezone())
        except InvalidTime:
            raise FilterError(
                f"Expected an age such as 30m, 2h or 7d after {name}:, or a date such as"
                " 2026-11-01 or 2026-11-01T12:00Z.",
                start,
            ) from None
        return TimeTerm(bound=Bound(name), time=time)

    def _lag(self, name: str) -> Expression:
        scanner = self._scanner
        start = scanner.position
        comparison = scanner.take_comparison()
        lag = to_lag(scanner.take_word())
        if not comparison or lag is None:
            raise FilterError(
                f"Expected a comparison with a time after {name}:, such as {name}:>10m.", start
            )
        return LagTerm(comparison=Relation(comparison), lag_ms=lag)

    def _json(self, name: str) -> Expression:
        scanner = self._scanner
        start = scanner.position
        path = scanner.take_path()
        if not path:
            raise FilterError(f"Expected a path after {name}:, such as {name}:$.keyword.", start)
        try:
            check_json_path(path)
        except InvalidJsonPath as error:
            raise FilterError(str(error), start + min(error.offset, len(path))) from None
        end = scanner.position
        scanner.skip_space()
        comparison = scanner.take_comparison() or scanner.take_test_word()
        if not comparison:
            scanner.position = end
        if not comparison or comparison == Relation.EXISTS:
            return JsonTerm(path=path, comparison=Relation.EXISTS)
        scanner.skip_space()
        start = scanner.position
        value, is_quoted = scanner.take_value()
        if not value and not is_quoted:
            raise FilterError(f"Expected a value after {comparison}.", start)
        return JsonTerm(
            path=path,
            comparison=Relation(comparison),
            value=value,
            is_text=is_quoted or not is_literal(value),
        )

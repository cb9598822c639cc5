"""Expressions as text that parses to the same expression."""

from ibconsole.archive.conditions import Relation
from ibconsole.services.filtering.expression import (
    AllTerms,
    AnyTerm,
    Expression,
    FieldTerm,
    FlagTerm,
    JsonTerm,
    LagTerm,
    NegatedTerm,
    TextTerm,
    TimeTerm,
    ViaTerm,
)
from ibconsole.services.filtering.parsing import is_literal
from ibconsole.services.filtering.scanning import NEEDS_QUOTES, format_lag, is_plain_word


def format_filter(expression: Expression | None) -> str:
    """Return the text of an expression; empty without one."""
    match expression:
        case None:
            return ""
        case AnyTerm(terms=terms):
            return " OR ".join(map(_operand, terms))
        case AllTerms(terms=terms):
            return " ".join(map(_operand, terms))
        case NegatedTerm(term=term):
            return f"NOT {_operand(term)}"
        case _:
            return _format_term(expression)


def _operand(term: Expression) -> str:
    """Return a term in parentheses if it is joined of others."""
    written = format_filter(term)
    return f"({written})" if isinstance(term, AllTerms | AnyTerm) else written


def _format_term(term: Expression) -> str:
    match term:
        case TextTerm(text=text):
            return text if is_plain_word(text) else quoted(text)
        case FieldTerm(field=name, value=value) | TimeTerm(bound=name, time=value):
            return f"{name}:{format_value(value)}"
        case ViaTerm(via=value) | FlagTerm(flag=value):
            return f"{'via' if isinstance(term, ViaTerm) else 'flag'}:{value}"
        case LagTerm(comparison=comparison, lag_ms=lag):
            return f"lag:{comparison.value}{format_lag(lag)}"
        case JsonTerm():
            return f"json:{term.path}{_format_test(term)}"
        case _:
            raise TypeError(f"{term!r} is no term.")


def _format_test(term: JsonTerm) -> str:
    if term.comparison is Relation.EXISTS:
        return " exists"
    looks_otherwise = term.is_text and is_literal(term.value)
    value = quoted(term.value) if looks_otherwise else format_value(term.value)
    is_word = term.comparison is Relation.CONTAINS
    return f" contains {value}" if is_word else f"{term.comparison.value}{value}"


def format_value(value: str) -> str:
    """Return the value of a field, in quotation marks where it needs them."""
    return quoted(value) if not value or NEEDS_QUOTES.search(value) else value


def quoted(text: str) -> str:
    """Return a text in quotation marks."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

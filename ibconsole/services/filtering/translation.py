"""Expressions as filters of an archive.

What a filter's own fields can say is put there, so that its indexes serve; the rest is a condition.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from ibconsole.archive import Filter
from ibconsole.archive.conditions import (
    AllOf,
    AnyOf,
    ArrivedWithin,
    ByField,
    ByFlags,
    ByJson,
    ByLag,
    ByVia,
    Condition,
    Contains,
    ExactField,
    NoneOf,
)
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
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
from ibconsole.services.filtering.scanning import to_instant
from ibconsole.text import fold, mask_code

_FIELDS = {
    FieldName.APPLICATION: ExactField.APPLICATION,
    FieldName.SENDER: ExactField.SENDER,
    FieldName.KEYWORD: ExactField.KEYWORD,
    FieldName.MESSAGE_ID: ExactField.MESSAGE_ID,
}
# The fields of a filter that are compared with one value.
_FILTER_FIELDS = {
    ExactField.APPLICATION: "application",
    ExactField.SENDER: "sender",
    ExactField.KEYWORD: "keyword",
}
_GAP = "…"


class NoSuchMaskedCode(UserError):
    """No known application has this masked code."""


def to_criteria(
    expression: Expression | None,
    applications: Mapping[str, str],
    base: Filter = Filter(),  # noqa: B008 it is frozen
    now: datetime | None = None,
) -> Filter:
    """Return the filter of an expression, in addition to what `base` asks for.

    `applications` has the names of applications by their codes, as far as they are known: each is
    found by its code, masked code, or name, and several may have one name. Ages of times are
    counted from `now`. Raises NoSuchMaskedCode.
    """
    if expression is None:
        return base
    condition = to_condition(expression, applications, now)
    parts = condition.conditions if isinstance(condition, AllOf) else (condition,)
    rest: list[Condition] = [] if base.condition is None else [base.condition]
    # The longest text narrows down most.
    for part in sorted(parts, key=lambda one: -len(one.text) if isinstance(one, Contains) else 0):
        absorbed = _absorbed(base, part)
        if absorbed is None:
            rest.append(part)
        else:
            base = absorbed
    if not rest:
        return base
    return replace(base, condition=rest[0] if len(rest) == 1 else AllOf(conditions=tuple(rest)))


def to_condition(
    expression: Expression, applications: Mapping[str, str], now: datetime | None = None
) -> Condition:
    """Return an expression as one condition, to compare single messages; see `to_criteria`."""
    now = now or datetime.fromtimestamp(now_ms() / 1000).astimezone()
    return _Translator(applications, now).condition(expression)


def _absorbed(base: Filter, part: Condition) -> Filter | None:
    """Return the filter with a condition in a field of its own; None if that cannot be."""
    match part:
        case Contains(text=text) if not base.text:
            return replace(base, text=text)
        case ByVia(via=via) if base.via in {None, via}:
            return replace(base, via=via)
        case ByFlags(flags=flags) if not base.flags:
            return replace(base, flags=flags)
        case ArrivedWithin(since=since, until=until):
            return replace(
                base,
                since=max((one for one in (base.since, since) if one is not None), default=None),
                until=min((one for one in (base.until, until) if one is not None), default=None),
            )
        case ByField(field=field, values=(value,)) if field in _FILTER_FIELDS:
            name = _FILTER_FIELDS[field]
            return None if getattr(base, name) else replace(base, **{name: value})
        case _:
            return None


class _Translator:
    def __init__(self, applications: Mapping[str, str], now: datetime) -> None:
        self._applications = applications
        self._now = now

    def condition(self, expression: Expression) -> Condition:
        match expression:
            case AllTerms(terms=terms):
                return AllOf(conditions=self._flat(terms, AllOf))
            case AnyTerm(terms=terms):
                return AnyOf(conditions=self._flat(terms, AnyOf))
            case NegatedTerm(term=term):
                return NoneOf(condition=self.condition(term))
            case TextTerm(text=text):
                return Contains(text=text)
            case FieldTerm(field=field, value=value):
                is_code = field is FieldName.APPLICATION
                values = self._codes(value) if is_code else (value,)
                return ByField(field=_FIELDS[field], values=values)
            case _:
                return self._other(expression)

    def _other(self, expression: Expression) -> Condition:
        match expression:
            case ViaTerm(via=via):
                return ByVia(via=via)
            case FlagTerm(flag=flag):
                return ByFlags(flags=int(FLAG_NAMES[flag]))
            case TimeTerm(bound=bound, time=time):
                at = to_instant(time, self._now)
                return ArrivedWithin(since=at) if bound is Bound.SINCE else ArrivedWithin(until=at)
            case LagTerm(comparison=comparison, lag_ms=lag):
                return ByLag(comparison=comparison, lag_ms=lag)
            case JsonTerm():
                return ByJson(
                    path=expression.path,
                    comparison=expression.comparison,
                    value=expression.value,
                    is_text=expression.is_text,
                )
            case _:
                raise TypeError(f"{expression!r} is no expression.")

    def _flat(
        self, terms: Sequence[Expression], kind: type[AllOf] | type[AnyOf]
    ) -> tuple[Condition, ...]:
        """Return the conditions of terms, with those of the same kind in place of their parts."""
        found: list[Condition] = []
        for part in map(self.condition, terms):
            found.extend(part.conditions if isinstance(part, kind) else (part,))
        return tuple(found)

    def _codes(self, value: str) -> tuple[str, ...]:
        """Return the codes of the applications that a value names; an unknown code stays."""
        if value in self._applications:
            return (value,)
        mask = value.replace("...", _GAP)
        if _GAP in mask:
            found = tuple(code for code in self._applications if mask_code(code) == mask)
            if not found:
                raise NoSuchMaskedCode(
                    f"No application that is known here has the masked code {mask}: give its name,"
                    " or the whole code."
                )
            return found
        folded = fold(value)
        named = (code for code, name in self._applications.items() if fold(name) == folded)
        return tuple(named) or (value,)

"""Any expression of the filter language, for properties."""

from typing import Any

from hypothesis import strategies as st

from ibconsole.archive import Via
from ibconsole.archive.conditions import Relation
from ibconsole.services.filtering import (
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
from ibconsole.services.filtering.expression import FLAG_NAMES
from ibconsole.services.filtering.parsing import is_literal

ORDERS = [*(set(Relation) - {Relation.CONTAINS, Relation.EXISTS})]
PATHS = [
    "$", "$.a.b", "$['a b']", '$["(x)"][-1]', "$..x[*]", "$[?@.a == 'b c)']", "$.a[0:2,4]",
    "$[?(@.a < 1 && @['b'])]",
]  # fmt: skip
texts = st.one_of(
    st.text(min_size=1, max_size=12),
    st.sampled_from(
        ["AND", "OR", "NOT", "-", "--x", "a:b", "http://x", 'say "hi"', "back\\", '\\"', "(", "=a"]
    ),
)
values = texts
json_values = st.one_of(st.text(max_size=8), st.sampled_from(["5", "-1.5e3", "true", "null"]))


def _json(path: str, comparison: Relation, value: str, *, is_text: bool) -> JsonTerm:
    if comparison is Relation.EXISTS:
        return JsonTerm(path=path, comparison=comparison)
    is_text = is_text or not is_literal(value)
    return JsonTerm(path=path, comparison=comparison, value=value, is_text=is_text)


terms: st.SearchStrategy[Any] = st.one_of(
    st.builds(TextTerm, text=texts),
    st.builds(FieldTerm, field=st.sampled_from(FieldName), value=values),
    st.builds(ViaTerm, via=st.sampled_from(Via)),
    st.builds(FlagTerm, flag=st.sampled_from([*FLAG_NAMES])),
    st.builds(
        TimeTerm,
        bound=st.sampled_from(Bound),
        time=st.sampled_from(["2h", "7d", "2026-11-01", "2026-11-01 12:00", "20261101T1200Z"]),
    ),
    st.builds(LagTerm, comparison=st.sampled_from(ORDERS), lag_ms=st.integers(-(10**11), 10**11)),
    st.builds(
        _json,
        path=st.sampled_from(PATHS),
        comparison=st.sampled_from(Relation),
        value=json_values,
        is_text=st.booleans(),
    ),
)
expressions: st.SearchStrategy[Expression] = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.builds(AllTerms, terms=st.lists(inner, min_size=2, max_size=4).map(tuple)),
        st.builds(AnyTerm, terms=st.lists(inner, min_size=2, max_size=4).map(tuple)),
        st.builds(NegatedTerm, term=inner),
    ),
    max_leaves=12,
)

"""The SQL of a condition finds exactly the messages that meet it, by every way of searching."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from ibconsole.archive.archive import Archive
from ibconsole.archive.conditions import (
    AllOf,
    AnyOf,
    ByField,
    ByFlags,
    ByJson,
    ByLag,
    ByVia,
    Condition,
    Contains,
    ExactField,
    NoneOf,
    Relation,
    matches,
)
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Order
from ibconsole.archive.searching import search_older
from ibconsole.archive.searching.condition_sql import (
    ConditionSql,
    contains,
    index_query,
    text_condition,
)
from tests.unit.archive.conditions.conditions import is_met, json_tests, plain, trees
from tests.unit.archive.conditions.samples import columns, fill_with_samples
from tests.unit.archive.deliveries import batch, forward, pull


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    path = tmp_path_factory.mktemp("samples") / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        fill_with_samples(archive)
        yield reader


@given(condition=trees(plain | json_tests))
@settings(max_examples=150, deadline=None)
def test_every_condition(samples: Reader, condition: Condition) -> None:
    """A search, an export, and the comparison in memory agree with the definition."""
    stored = [*samples.messages(Filter())]
    expected = [one for one, values in columns(stored).items() if is_met(condition, values)]
    criteria = Filter(condition=condition)

    assert [one.id for one in stored if matches(condition, one)] == expected
    assert list(samples.find(criteria)) == expected
    assert [one.id for one in samples.messages(criteria)] == expected
    found = samples.search(criteria, limit=3)
    ids, place = list(found.ids), found.rest
    while place:
        older = search_older(
            samples._db, criteria, place, order=Order.ARRIVAL, newest=1 << 40, part=9
        )
        ids, place = [*older.ids, *ids], older.rest
    assert ids == expected


X_IS_5 = ByJson(path="$.x", comparison=Relation.EQUAL, value="5")


@pytest.mark.parametrize(
    "condition",
    [
        AllOf(conditions=(Contains(text="stop"), X_IS_5)),
        AnyOf(conditions=(ByField(field=ExactField.MESSAGE_ID, values=("id-1",)), X_IS_5)),
        AllOf(conditions=(NoneOf(condition=ByVia(via="pull")), ByFlags(flags=4))),
        AnyOf(conditions=(Contains(text="stop"), Contains(text="stra\xdfe"))),
        ByLag(comparison=Relation.GREATER, lag_ms=1_000),
        ByField(field=ExactField.APPLICATION, values=("zu\u0308",)),
        AnyOf(conditions=()),
        AllOf(conditions=()),
    ],
)
@pytest.mark.parametrize("order", Order)
def test_in_both_orders(samples: Reader, condition: Condition, order: Order) -> None:
    """The newest matches are those of the whole list, in either order."""
    stored = [*samples.messages(Filter())]
    expected = {one.id for one in stored if matches(condition, one)}
    criteria = Filter(condition=condition)

    whole = samples.search(criteria, order=order)
    first = samples.search(criteria, order=order, limit=4)

    assert set(whole.ids) == expected
    assert first.ids == whole.ids[-4:]
    assert first.newest == max(first.ids, default=0)


@pytest.mark.parametrize(
    ("condition", "query"),
    [
        (Contains(text="St"), ""),
        (Contains(text="a\0stop"), ""),
        (Contains(text="Sto"), '"sto"'),
        (ByField(field=ExactField.KEYWORD, values=("a",)), '(("a\1\1"))'),
        (ByField(field=ExactField.APPLICATION, values=("code",)), ""),
        (ByField(field=ExactField.SENDER, values=()), ""),
        (AllOf(conditions=(Contains(text="abc"), X_IS_5, Contains(text="xyz"))), '"abc" AND "xyz"'),
        (AnyOf(conditions=(Contains(text="abc"), X_IS_5)), ""),
        (AnyOf(conditions=(Contains(text="abc"), Contains(text="xyz"))), '(("abc") OR ("xyz"))'),
        (NoneOf(condition=Contains(text="abc")), ""),
        (None, ""),
    ],
)
def test_the_index_narrows_down(condition: Condition | None, query: str) -> None:
    """What the index proposes has every match: where one part has no index, none is used."""
    assert index_query(condition) == query


def test_json_of_a_large_body(archive: Archive, reader: Reader) -> None:
    """Messages of a pull that is not read whole by SQLite are found as others are."""
    messages = [{"messageId": str(one), "x": one, "filling": "-" * 200} for one in range(1_000)]
    pull(archive, batch(*messages))
    forward(archive, {"messageId": "cut", "x": 7})

    assert list(
        reader.find(Filter(condition=ByJson(path="$.x", comparison=Relation.AT_LEAST, value="998")))
    ) == [999, 1_000]
    assert list(
        reader.find(Filter(condition=ByJson(path="$.x", comparison=Relation.EQUAL, value="7")))
    ) == [8, 1_001]


def test_what_is_no_condition_has_no_sql() -> None:
    with pytest.raises(TypeError):
        ConditionSql().sql("text")  # type: ignore[arg-type]  # no condition at all


def test_names_of_values() -> None:
    """Several texts of one statement have values of their own."""
    first, first_values = text_condition("Stop")
    second, second_values = text_condition("Stop", "c1_")

    assert first_values == {"text": "stop", "pattern": "%stop%"}
    assert second_values == {"c1_text": "stop", "c1_pattern": "%stop%"}
    assert second == first.replace(":", ":c1_")


def test_signs_of_patterns() -> None:
    """Signs of LIKE are themselves; a text that LIKE cannot take is compared by the function."""
    assert text_condition("50%_\\")[1]["pattern"] == "%50\\%\\_\\\\%"
    assert "pattern" not in text_condition("\xe9")[1]
    assert "pattern" not in text_condition("x" * 1_001)[1]


def test_comparison_ignores_case() -> None:
    assert contains("strasse", "Stra\xdfe 5")
    assert not contains("strasse", "Weg 5")

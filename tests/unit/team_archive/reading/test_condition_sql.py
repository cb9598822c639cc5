"""A condition finds the same messages in a team's archive as on a disk."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ibconsole.archive import Archive, Filter, Order, Reader, StoredMessage
from ibconsole.archive.conditions import (
    AllOf,
    AnyOf,
    ByJson,
    Condition,
    Contains,
    NoneOf,
    Relation,
)
from ibconsole.team_archive import TeamReader
from ibconsole.team_archive.reading.condition_sql import TeamConditionSql, pattern, storable
from ibconsole.team_archive.reading.searching import Search
from tests.unit.archive.conditions.conditions import AT, is_met, json_tests, plain, trees
from tests.unit.archive.conditions.samples import columns, fill_with_samples
from tests.unit.team_archive.team_rows import ShippedMessage, TeamRows

JSON = ByJson(path="$.x", comparison=Relation.EXISTS)


class CopiedMessage(ShippedMessage, frozen=True, kw_only=True):
    """A shipped message with the JSON of a stored one."""

    json: bytes

    @property
    def element(self) -> bytes:
        return self.json


def copied(one: StoredMessage, *, has_span: bool) -> CopiedMessage:
    return CopiedMessage(
        message_id=one.message_id,
        application_code=one.application_code,
        sender=one.sender,
        keyword=one.keyword,
        text=one.text,
        received_at=one.received_at,
        flags=int(one.flags),
        json=one.body,
        body=None if has_span else one.body,
    )


def copy_samples(path: Path, anna: TeamRows) -> Sequence[StoredMessage]:
    """Fill an archive on the disk and the team's with the same messages."""
    with Archive(path) as archive, Reader(path) as reader:
        fill_with_samples(archive, groups=3)
        stored = [*reader.messages(Filter())]
    for one in stored:
        message = copied(one, has_span=one.id % 2 == 0)
        anna.ship(one.arrived_at - AT, message, via=one.via)
    return stored


@pytest.mark.slow
def test_both_archives_agree(tmp_path: Path, anna: TeamRows, reader: TeamReader) -> None:
    """The same messages are found on a disk, by PostgreSQL, and by the definition."""
    path = tmp_path / "archive.sqlite3"
    stored = copy_samples(path, anna)
    names = {one.id: number for number, one in enumerate(stored)}
    shared = [*reader.messages(Filter())]
    # Arrived at the same time, they are in the order of their ids.
    ordered = sorted(stored, key=lambda one: one.arrived_at)
    team_names = {team.id: names[own.id] for team, own in zip(shared, ordered, strict=True)}

    with Reader(path) as disk:

        @given(condition=trees(plain | json_tests))
        @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        def agree(condition: Condition) -> None:
            criteria = Filter(condition=condition)
            expected = {
                names[one] for one, values in columns(stored).items() if is_met(condition, values)
            }
            assert {names[one] for one in disk.find(criteria)} == expected
            assert {team_names[one] for one in reader.find(criteria)} == expected

        agree()


def test_json_is_tested_in_parts(anna: TeamRows, reader: TeamReader) -> None:
    """A search for a value in JSON goes on where it ended, and finds what is new by marks."""
    numbers = [b'{"x": %d}' % (one % 3) for one in range(30)]
    anna.ship(1_000, *(CopiedMessage(json=one) for one in numbers))
    criteria = Filter(
        text="text",
        condition=AnyOf(
            conditions=(
                ByJson(path="$.x", comparison=Relation.EQUAL, value="0"),
                Contains(text="none"),
            )
        ),
    )
    whole = reader.search(criteria)

    found: list[int] = []
    place = reader.search(criteria, limit=2).rest
    search = Search(reader._queries, criteria, Order.ARRIVAL, lambda: False)
    while place:
        part = search.older(place, whole.newest, size=7)
        found, place = [*part.ids, *found], part.rest
    new = anna.messages_of(
        anna.ship(2_000, CopiedMessage(json=b'{"x": 0}'), CopiedMessage(json=b"{}"))
    )

    assert len(whole.ids) == 10
    assert found == list(whole.ids)[: len(found)]
    assert len(found) == 8
    assert list(reader.search(criteria, after=whole.newest).ids) == new[:1]


def test_a_message_whose_json_is_missing(anna: TeamRows, reader: TeamReader) -> None:
    """What says nothing about its JSON still matches; nothing is found in it."""
    delivery = anna.ship(1_000, ShippedMessage(text="stop"))
    anna.db.execute("DELETE FROM ibconsole.content WHERE delivery = %s", [delivery])
    either = AnyOf(conditions=(JSON, Contains(text="stop")))

    assert list(reader.find(Filter(condition=either))) == anna.messages_of(delivery)
    assert list(reader.find(Filter(condition=NoneOf(condition=JSON)))) == anna.messages_of(delivery)
    assert list(reader.find(Filter(condition=JSON))) == []


def test_json_may_match() -> None:
    """PostgreSQL finds every message that may match, and those that match in any case."""
    both = AllOf(conditions=(JSON, NoneOf(condition=JSON), Contains(text="50%")))
    values: dict[str, object] = {}

    assert (
        TeamConditionSql(values).sql_of(both) == "(TRUE AND (NOT FALSE) AND (searched LIKE %(c0)s))"
    )
    assert (
        TeamConditionSql(values, json_matches=False).sql_of(both)
        == "(FALSE AND (NOT FALSE) AND (searched LIKE %(c1)s))"
    )
    assert values == {"c0": "%50\\%%", "c1": "%50\\%%"}
    assert TeamConditionSql(values).sql_of(None) == ""
    with pytest.raises(TypeError):
        TeamConditionSql(values).sql_of("text")  # type: ignore[arg-type]  # no condition at all


def test_texts_as_postgresql_stores_them() -> None:
    """NUL and halves of a character are replaced, signs of LIKE are themselves."""
    assert storable("a\0\ud800") == "a\ufffd?"
    assert pattern("A_b\\") == "%a\\_b\\\\%"

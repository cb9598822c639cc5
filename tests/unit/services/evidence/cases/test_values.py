"""The values of a case, and their published schema."""

import json
from pathlib import Path

from ibconsole.services.evidence.cases.documents import encode_case
from ibconsole.services.evidence.cases.values import json_schema
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.evidence.cases.samples import case_of, full_case, item
from tests.unit.services.json_schema import Schema

SCHEMA = Path(__file__).parents[5] / "docs" / "case.schema.json"


def test_the_schema_is_that_of_the_program() -> None:
    """The published schema is that of the values, as `make findings` writes it."""
    assert SCHEMA.read_text(encoding="utf-8") == json_schema(), "run `make findings`"


def test_every_case_is_as_the_schema_says(tmp_path: Path) -> None:
    """Another program can check a case with any item, and with any fault of an account."""
    schema = Schema(str(SCHEMA))
    _, full = full_case(tmp_path)
    assert {one.kind for one in full.items} >= {"message", "forward", "test", "setup", "finding"}

    assert schema.accepts(json.loads(encode_case(full)))
    for facts in CASES.values():
        assert schema.accepts(json.loads(encode_case(case_of(facts=facts))))
    assert not schema.accepts({"format": "ibconsole-case/1", "items": [{"kind": "other"}]})


def test_items_are_put_in_order(tmp_path: Path) -> None:
    """Items are moved, changed and removed; a recording that none refers to goes with the last."""
    _, case = full_case(tmp_path)
    ids = [one.id for one in case.items]

    moved = case.with_item_at(ids[-1], 0)
    changed = case.with_item(item(case.items[0].content, ids[0], comment="Look at this."))
    emptied = case
    for item_id in ids:
        emptied = emptied.without_item(item_id)

    assert [one.id for one in moved.items] == [ids[-1], *ids[:-1]]
    assert case.with_item_at("unknown", 0) is case
    found = changed.item(ids[0])
    assert found
    assert found.comment == "Look at this."
    assert case.recording("r-1")
    assert (emptied.items, emptied.recordings, list(emptied.blobs)) == ((), (), [])
    assert case.item("unknown") is None

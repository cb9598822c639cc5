"""The commands of `ibconsole case` about cases and their items."""

from pathlib import Path

from tests.unit.cli.conftest import Command


def test_cases_and_their_items(ibconsole: Command) -> None:
    """A case is begun, filled, put in order, renamed, deleted and restored."""
    made = ibconsole("case", "new", "Nothing arrives")
    case_id = made.out.strip()
    for text in ("one", "two", "three"):
        assert ibconsole("case", "note", text).code == 0
    ibconsole("case", "comment", "2", "Look here.")
    ibconsole("case", "move", "3", "1")
    ibconsole("case", "remove", "2", "--yes")
    ibconsole("case", "rename", "Late messages", "--case", case_id[:8])
    shown = ibconsole("case", "show", "--json").json
    other = ibconsole("case", "new", "Other").out.strip()
    listed = ibconsole("case", "list", "--json").json
    table = ibconsole("case", "list")

    assert shown["title"] == "Late messages"
    assert [one["kind"] for one in shown["items"]] == ["note", "note"]
    assert [one["comment"] for one in shown["items"]] == ["", "Look here."]
    assert "Note: Look here." in ibconsole("case", "show", "late").out
    assert {one["id"]: one["current"] for one in listed} == {case_id: False, other: True}
    assert table.out.count("\n") == 3
    assert ibconsole("case", "use", "Late").code == 0
    deleted = ibconsole("case", "delete", "Late", "--yes")
    assert f"case restore {case_id}" in deleted.err
    assert ibconsole("case", "show").code == 1
    assert ibconsole("case", "restore", case_id).code == 0
    assert ibconsole("case", "show", case_id).code == 0


def test_what_is_not_there(ibconsole: Command, tmp_path: Path) -> None:
    """Each mistake is one sentence; nothing is changed, and nothing is removed without consent."""
    assert "no current case" in ibconsole("case", "note", "x").err
    assert ibconsole("case", "list").out == ""
    ibconsole("case", "new", "A")

    assert "no item 4" in ibconsole("case", "move", "4", "1").err
    assert ibconsole("case", "remove", "1").code == 2
    assert "no case with" in ibconsole("case", "use", "zzz").err
    (tmp_path / "empty").mkdir()
    refused = ibconsole("case", "verify", str(tmp_path / "empty"))
    assert (refused.code, refused.out) == (1, "")
    assert "no manifest.json" in refused.err

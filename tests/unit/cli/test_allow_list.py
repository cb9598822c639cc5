"""`ibconsole allow-list`: firewall rules compared with the published networks."""

from pathlib import Path

from tests.unit.cli.conftest import Command


def test_the_published_list_is_complete_in_itself(ibconsole: Command, tmp_path: Path) -> None:
    """What `show` prints can be pasted into a firewall, and `check` finds nothing missing."""
    shown = ibconsole("allow-list", "show")
    assert "read on" in shown.err
    (tmp_path / "rules.txt").write_text(shown.out)

    result = ibconsole("allow-list", "check", str(tmp_path / "rules.txt"))

    assert result.code == 0
    assert result.out.startswith("All 23 published networks may connect.")


def test_a_missing_network_has_exit_code_1(ibconsole: Command, tmp_path: Path) -> None:
    shown = ibconsole("allow-list", "show", "--edition", "older")
    # As an editor of Windows may save it.
    (tmp_path / "rules.txt").write_bytes(shown.out.encode("utf-16"))

    result = ibconsole("allow-list", "check", str(tmp_path / "rules.txt"))
    as_json = ibconsole("allow-list", "check", str(tmp_path / "rules.txt"), "--json")

    assert result.code == as_json.code == 1
    assert "172.195.40.23/32" in result.out
    assert "older edition" in result.out
    assert as_json.json["missing"] == [
        {"network": "172.195.40.23/32", "parts": ["172.195.40.23/32"]}
    ]


def test_wrong_input_is_refused(ibconsole: Command, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b" " * ((4 << 20) + 1))
    large = ibconsole("allow-list", "check", str(tmp_path / "large"))
    assert (large.code, "larger than 4 MiB" in large.err) == (1, True)
    unknown = ibconsole("allow-list", "show", "--edition", "next")
    assert (unknown.code, "current, older" in unknown.err) == (2, True)
    assert ibconsole("allow-list", "show", "--json").json["name"] == "current"

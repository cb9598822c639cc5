"""The published networks compared with rules."""

import os
import random
from pathlib import Path

import pytest

from ibconsole.errors import UserError
from ibconsole.services.allow_list.comparison import (
    LARGEST,
    RulesTooLarge,
    check_allow_list,
    compare_rules,
    describe_result,
    read_rules_file,
    to_object,
)
from ibconsole.services.allow_list.firewall_rules import ReadingCancelled
from ibconsole.services.allow_list.published import editions

NEWEST, OLDER = editions()
LINES = [str(network) for network in NEWEST.networks]


def test_all_networks_may_connect() -> None:
    result = check_allow_list("\n".join(random.sample(LINES, len(LINES))))
    assert result.complete
    assert result.missing_share == 0
    assert describe_result(result)[0] == "All 23 published networks may connect."


@pytest.mark.parametrize("text", ["0.0.0.0/0", "allow all;", "0.0.0.0-255.255.255.255"])
def test_rules_for_everyone_let_all_networks_pass(text: str) -> None:
    assert check_allow_list(text).complete


def test_a_missing_network_is_named_as_an_intermittent_loss() -> None:
    result = check_allow_list("\n".join(LINES[1:]))
    assert [str(one.network) for one in result.missing] == ["193.105.74.0/24"]
    assert result.missing_share == 256 / NEWEST.size
    first, second, *_ = describe_result(result)
    assert first.startswith("1 of 23 published networks is missing, entirely or in parts: 256 of")
    assert "intermittent" in second
    assert not result.is_older_edition


def test_the_older_edition_is_recognized() -> None:
    result = check_allow_list(" ".join(str(network) for network in OLDER.networks))
    assert [str(one.network) for one in result.missing] == ["172.195.40.23/32"]
    assert result.is_older_edition
    assert any("older edition" in sentence for sentence in describe_result(result))


def test_parts_of_a_network_are_named() -> None:
    (half,) = [
        one
        for one in check_allow_list("\n".join([*LINES[1:], "193.105.74.0/25"])).networks
        if one.missing
    ]
    assert [str(part) for part in half.missing] == ["193.105.74.128/25"]
    assert half.missing_addresses == 128


def test_the_first_rule_about_an_address_decides() -> None:
    denied_first = check_allow_list("deny 62.140.31.0/25;\nallow all;")
    assert [str(part) for one in denied_first.missing for part in one.missing] == ["62.140.31.0/25"]
    assert check_allow_list("allow all;\ndeny 62.140.31.0/25;").complete


def test_networks_that_touch_make_up_a_larger_one() -> None:
    rest = [line for line in LINES if line != "83.166.64.0/19"]
    parts = ["83.166.64.0/20", "83.166.80.0-83.166.87.255", "83.166.88.0 255.255.248.0"]
    assert check_allow_list("\n".join(rest + parts)).complete


def test_rules_without_an_address_say_nothing() -> None:
    result = check_allow_list("no address")
    assert not result.complete
    assert describe_result(result)[0].startswith("No address was found")


def test_none_of_the_networks() -> None:
    sentences = describe_result(check_allow_list("10.0.0.0/8"))
    assert sentences[0] == "None of the 23 published networks may connect."
    assert "intermittent" not in " ".join(sentences)


def test_the_result_as_json_values() -> None:
    values = to_object(check_allow_list("193.105.74.0/24 1.2.3.4/99"))
    assert values["complete"] is False
    assert values["missingAddresses"] == NEWEST.size - 256
    assert values["unread"] == [{"line": 1, "text": "1.2.3.4/99"}]


def test_a_cancelled_comparison_ends() -> None:
    """Large rules are left as soon as the user closes them."""
    with pytest.raises(ReadingCancelled):
        check_allow_list("1.2.3.4\n5.6.7.8", lambda: True)


async def test_rules_are_compared_on_a_thread() -> None:
    """The comparison is the same, whether it blocks or not."""
    assert await compare_rules("1.2.3.4") == check_allow_list("1.2.3.4")


def test_only_a_readable_file_of_bounded_size_is_read(tmp_path: Path) -> None:
    """A directory, a pipe, a missing or a huge file is refused with a sentence."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "huge").write_bytes(b" " * (LARGEST + 1))
    (tmp_path / "rules").write_text("1.2.3.4", encoding="utf-8-sig")

    for name in (".", "pipe", "missing"):
        with pytest.raises(UserError, match="is no file"):
            read_rules_file(tmp_path / name)
    with pytest.raises(RulesTooLarge):
        read_rules_file(tmp_path / "huge")
    assert read_rules_file(tmp_path / "rules") == "1.2.3.4"

from pathlib import Path

import pytest

from ibconsole.cli.options import FileUnusable
from ibconsole.cli.setup.rule_options import RuleTexts
from ibconsole.services.setup.applying import BadRule, SetupRules, parse_substitution


def test_rules_of_a_file_come_first(tmp_path: Path) -> None:
    """What is typed completes the file, and replaces its names of applications."""
    file = tmp_path / "rules.yaml"
    file.write_text(
        "version: 1\napplications: {a: b, c: d}\nreplace: [{text: x, with: y}]\n", encoding="utf-8"
    )

    found = RuleTexts(("a=e",), ("y=z",), file).read()

    assert found.applications == {"a": "e", "c": "d"}
    assert [one.apply("x") for one in found.substitutions] == ["y", "x"]


def test_without_options_there_are_no_rules() -> None:
    """A file is compared as it is."""
    assert RuleTexts().read() == SetupRules()
    assert RuleTexts((), ("a=b",)).read().substitutions == (parse_substitution("a=b"),)


def test_a_rule_or_file_that_is_unusable(tmp_path: Path) -> None:
    """Each is an error with a sentence."""
    with pytest.raises(BadRule):
        RuleTexts((), ("a",)).read()
    with pytest.raises(FileUnusable):
        RuleTexts((), (), tmp_path / "none").read()

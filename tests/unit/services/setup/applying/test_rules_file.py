import pytest

from ibconsole.services.documents import InvalidDocument
from ibconsole.services.setup.applying.rules import SetupRules, Substitution
from ibconsole.services.setup.applying.rules_file import read_rules

GOOD = b"""
version: 1
# from stage to live
applications:
  Shop stage: Shop
replace:
  - text: https://stage.
    with: https://
  - pattern: env=(\\w+)
    with: ""
"""


def test_a_rules_file_is_read() -> None:
    """Texts and patterns have names of their own, and need no escapes."""
    assert read_rules(GOOD, "rules.yaml") == SetupRules(
        {"Shop stage": "Shop"},
        (
            Substitution("https://stage.", "https://stage.", "https://"),
            Substitution(r"env=(\w+)", r"env=(\w+)", "", is_pattern=True),
        ),
    )


def test_json_is_read_as_well() -> None:
    """Parts may be left out."""
    rules = read_rules(b'{"version": 1, "applications": {"a": "b"}}', "rules.json")

    assert rules == SetupRules({"a": "b"})
    assert read_rules(b"version: 1", "rules.yaml") == SetupRules()


BAD = b"""version: '1'
other: 1
applications:
  a: 1
  b: c
  b: d
replace:
  - text: a
  - pattern: (
    with: x
  - 7
  - text: a
    pattern: b
    with: c
"""


def test_every_problem_is_named_with_its_place() -> None:
    """All errors of a rules file are listed at once."""
    with pytest.raises(InvalidDocument) as raised:
        read_rules(BAD, "rules.yaml")

    assert str(raised.value).splitlines() == [
        "rules.yaml:1:10: version has to be 1",
        "rules.yaml:2:1: “other” is not known: the file has version, applications, replace",
        "rules.yaml:4:6: a name has to be text: put it into quotes",
        "rules.yaml:6:3: “b” is here twice",
        "rules.yaml:8:5: a rule has text or pattern, and with",
        "rules.yaml:9:5: “(” is no regular expression with a replacement: missing ), unterminated"
        " subpattern at position 0",
        "rules.yaml:11:5: a rule has to be a mapping with text, pattern, with",
        "rules.yaml:12:5: a rule has text or pattern, and with",
    ]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"[]", "rules.yaml:1:1: the file has to be a mapping with version"),
        (b"version: 1\nreplace: {}", "rules.yaml:2:10: replace has to be a list of rules"),
        (
            b"version: 1\napplications: []",
            "rules.yaml:2:15: applications has to map old to new names",
        ),
        (b"version: 1\nversion: 1", "rules.yaml:2:1: “version” is here twice"),
        (b"replace: []", "rules.yaml:1:1: version is missing: write `version: 1`"),
    ],
)
def test_the_structure_is_checked(data: bytes, line: str) -> None:
    """What is no rules file is refused."""
    with pytest.raises(InvalidDocument) as raised:
        read_rules(data, "rules.yaml")

    assert line in str(raised.value).splitlines()

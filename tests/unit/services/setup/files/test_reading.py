from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model import ActionDraft
from ibconsole.services.documents import InvalidDocument, Position
from ibconsole.services.setup.files import (
    SetupFile,
    WantedAction,
    WantedApplication,
    WantedConfiguration,
    read_setup_file,
)

YAML = """\
# Shops
version: 1
applications:
  - name: Größe
    id: "7"
    configuration:
      actions:
        - type: HTTP_FORWARD
          forwardUrl: https://shop.example/in?x=1
          callbackData: '{"a": 1}'
        - {type: PULL, key: K}
  - name: Empty
    configuration: null
"""
JSON = """\
{"version": 1, "applications": [
  {"name": "Größe", "id": "7", "configuration": {"actions": [
    {"type": "HTTP_FORWARD", "forwardUrl": "https://shop.example/in?x=1",
     "callbackData": "{\\"a\\": 1}"},
    {"type": "PULL", "key": "K"}]}},
  {"name": "Empty", "configuration": null}
]}
"""
FORWARD = ActionDraft(
    type="HTTP_FORWARD", forward_url="https://shop.example/in?x=1", callback_data='{"a": 1}'
)
PULL = ActionDraft(type="PULL")
# How an application begins, and its only action.
START = "version: 1\napplications:\n- name: A\n  configuration:\n    actions:\n"


def problems_of(text: str | bytes, name: str = "s") -> Sequence[str]:
    with pytest.raises(InvalidDocument) as raised:
        read_setup_file(text if isinstance(text, bytes) else text.encode(), name)
    return str(raised.value).splitlines()


def test_a_file_is_read_with_the_place_of_everything() -> None:
    """Each application, configuration and action knows where it stands."""
    assert read_setup_file(YAML.encode(), "s.yaml") == SetupFile(
        "s.yaml",
        (
            WantedApplication(
                "Größe",
                WantedConfiguration(
                    (
                        WantedAction(FORWARD, "", Position(8, 11)),
                        WantedAction(PULL, "K", Position(11, 11)),
                    ),
                    "",
                    Position(7, 7),
                ),
                "7",
                "",
                Position(4, 5),
            ),
            WantedApplication("Empty", None, "", "", Position(12, 5)),
        ),
    )


@pytest.mark.parametrize("name", ["s.json", "stdin"])
def test_json_says_the_same(name: str) -> None:
    """JSON is known by the name of the file, or by how it begins."""
    found = read_setup_file(JSON.encode(), name)

    drafts = [[one.draft for one in each.actions] for each in found.applications]
    assert drafts == [[FORWARD, PULL], []]
    assert found.applications[1].position == Position(6, 3)


def test_yaml_may_look_like_json() -> None:
    """A mapping in braces without quotes is YAML, and so is everything in a file named so."""
    assert read_setup_file(b"{version: 1, applications: []}", "stdin").applications == ()
    assert read_setup_file(b'{"version": 1, "applications": [],}', "s.yml").applications == ()


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("3", ["1:1: the file has to be a mapping with version, applications"]),
        ("{}", ["1:1: applications is missing", "1:1: version is missing: write `version: 1`"]),
        ("version: 2\napplications: what?", ["1:10: version has to be 1"]),
        (
            "version: '1'\napplications: {}",
            ["1:10: version has to be 1", "2:15: applications has to be a list, [] for none"],
        ),
        (
            "version: 1\napplications:\n- 5\n- name: A\n  configuration:\n    action: []\n",
            [
                "3:3: an application has to be a mapping with name, configuration",
                "6:5: actions is missing",
                "6:5: “action” is not known: configuration has actions, key",
            ],
        ),
        (
            "version: 1\napplications: [{name: yes}, {name: 1, configuration: []},"
            " {name: , configuration: null}]",
            [
                "2:16: configuration is missing: write null if the application is to have none",
                "2:36: name has to be text, not a number: put it into quotes",
                "2:54: configuration has to be a mapping with actions",
                "2:60: name has to be text, not null",
            ],
        ),
        (
            "version: 1\nversion: 1\napplications: []\napplications: []\n",
            ["2:1: “version” is here twice", "4:1: “applications” is here twice"],
        ),
        (
            f"{START}    - type: pull\n    - type: ''\n    - forwardUrl: [x]\n    - type: null\n",
            [
                "8:7: type is missing",
                "8:19: forwardUrl has to be text",
                "9:13: type has to be text, not null",
            ],
        ),
        (
            "version: 1\napplications:\n- {name: '', configuration: null}\n"
            "- {name: a••••, id: ••••, configuration: {actions: [{type: ••••}]}}",
            [
                "3:10: name is empty, and there is no id",
                "4:10: name is masked, which it cannot be",
                "4:21: id is masked, which it cannot be",
                "4:60: type is masked, which it cannot be",
            ],
        ),
    ],
)
def test_every_rule_that_is_broken_is_listed(text: str, problems: Sequence[str]) -> None:
    """One reading finds all problems, each with its place."""
    assert sorted(problems_of(text)) == sorted(f"s:{one}" for one in problems)


@pytest.mark.parametrize(
    ("entries", "line"),
    [
        ("{name: A}, {name: A}", 3),
        ("{name: A, id: '1'}, {name: A}", 3),
        ("{name: A, id: '1'}, {name: A, code: C}", 3),
        ("{name: A, id: '1'}, {name: B, id: '1'}", 3),
        ("{name: A, code: C}, {name: B, code: C}", 3),
        ("{name: A, id: '1'}, {name: A, id: '2'}", 0),
        ("{name: A, code: C}, {name: A, code: D}", 0),
        ("{name: A}, {name: a}", 0),
    ],
)
def test_two_entries_for_one_application(entries: str, line: int) -> None:
    """Which of two entries counts is not guessed; applications of one name differ by their ID."""
    items = entries.replace("}", ", configuration: null}").split(", {")
    text = "version: 1\napplications:\n- " + "\n- {".join(items)

    if line:
        assert len(problems_of(text)) == 1
        assert problems_of(text)[0].startswith("s:4:3: a second entry for an application;")
    else:
        assert len(read_setup_file(text.encode(), "s").applications) == 2


def test_other_types_of_action_are_understood() -> None:
    """The platform may have types that are not documented; they are compared like others."""
    found = read_setup_file(f"{START}    - type: Webhook-2\n".encode(), "s")

    assert found.applications[0].actions[0].draft == ActionDraft(type="Webhook-2")


def test_what_an_account_may_have_is_understood() -> None:
    """A type that no action can be created with may exist: `creation_problem` refuses it."""
    found = read_setup_file(f"{START}    - type: pull\n    - type: ''\n".encode(), "s")

    assert [one.draft.type for one in found.applications[0].actions] == ["pull", ""]


def test_the_schema_of_an_editor_is_allowed() -> None:
    """Editors complete and check a JSON file that names its schema."""
    text = b'{"$schema": "setup.schema.json", "version": 1, "applications": []}'

    assert read_setup_file(text, "s.json") == SetupFile("s.json")
    assert problems_of(text.replace(b'"setup.schema.json"', b"1"), "s.json") == [
        "s.json:1:13: $schema has to be text, not a number: put it into quotes"
    ]


FRAGMENTS = st.sampled_from(
    [*YAML.splitlines(keepends=True), *"{}[],:?-|>&*!%@`'\"\\#~\n\r\t\0", "\\U00110000", "---\n"]
)


@given(st.binary(max_size=40) | st.lists(FRAGMENTS, max_size=12).map("".join).map(str.encode))
def test_any_bytes_are_a_setup_or_an_error(data: bytes) -> None:
    """No file whatever ends in a traceback."""
    for name in ("s.yaml", "s.json", "stdin"):
        with suppress(InvalidDocument):
            read_setup_file(data, name)

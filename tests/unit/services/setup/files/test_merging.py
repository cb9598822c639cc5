import json
import re
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.model import ActionDraft
from ibconsole.services.documents import InvalidDocument
from ibconsole.services.setup.files import (
    WantedAction,
    WantedApplication,
    WantedConfiguration,
    read_setup_file,
    write_setup_file,
)
from ibconsole.services.setup.files.merging import CannotMerge, merge_into
from ibconsole.services.setup.files.writing import meaning_of

FILE = """\
# Owner: Anna
version: 1

applications:   # of the shop
- name: 'Shop'  # the old one
  configuration:
    actions:
      # for the night
      - type: PULL          # nothing else
      - type: HTTP_FORWARD
        callbackData: "x"   # who reads this?
        forwardUrl: https://old.example/in   # until May

      # the last one
      - {type: PULL, callbackData: flow}

  # Bank comes second
- configuration: null  # none yet
  name: Bank
- name: Cafe
  configuration:
    actions: []  # soon
# The end
"""
NIGHT = ActionDraft(type="PULL")
FLOW = ActionDraft(type="PULL", callback_data="flow")
OLD = ActionDraft(type="HTTP_FORWARD", forward_url="https://old.example/in", callback_data="x")


def app(name: str, *drafts: ActionDraft, key: str = "") -> WantedApplication:
    return WantedApplication(
        name, WantedConfiguration(tuple(WantedAction(one, key) for one in drafts), key)
    )


def merged(*applications: WantedApplication, file: str = FILE, is_complete: bool = False) -> str:
    data = merge_into(file.encode(), "s.yaml", applications, is_complete=is_complete)
    return data.decode()


def test_nothing_is_changed_without_a_difference() -> None:
    """A file that says what the account has keeps every byte, in any order and spelling."""
    same = [app("Cafe"), app("Shop", FLOW, OLD, NIGHT), WantedApplication("Bank")]

    assert merged(*same, is_complete=True) == FILE
    crlf = FILE.replace("\n", "\r\n").encode("utf-16")
    assert merge_into(crlf, "s.yaml", same, is_complete=True) == crlf


def test_a_changed_value_is_changed_in_its_line() -> None:
    """An action that gets another URL keeps its place and its comments."""
    changed = ActionDraft(type="HTTP_FORWARD", forward_url="https://new: 1", callback_data="x")

    assert merged(app("Shop", FLOW, changed, NIGHT)) == FILE.replace(
        "https://old.example/in ", '"https://new: 1" '
    )


def test_fields_come_and_go() -> None:
    """A field that is new gets a line, and the comment of one that is gone stays."""
    bare = ActionDraft(type="HTTP_FORWARD", forward_url=OLD.forward_url)
    night = ActionDraft(type="PULL", callback_data="night")

    assert merged(app("Shop", FLOW, bare, night)) == FILE.replace(
        '        callbackData: "x"   # who reads this?\n', "        # who reads this?\n"
    ).replace(
        "      - type: PULL          # nothing else\n",
        "      - type: PULL          # nothing else\n        callbackData: night\n",
    )


def test_actions_come_and_go() -> None:
    """New actions stand behind the others; the comments of one that is gone stay."""
    other = ActionDraft(type="Other")

    assert merged(app("Shop", NIGHT, other, OLD)) == FILE.replace(
        "      - {type: PULL, callbackData: flow}\n", "      - type: Other\n"
    )
    assert merged(app("Shop", FLOW)) == FILE.replace(
        "      - type: PULL          # nothing else\n", "      # nothing else\n"
    ).replace(
        "      - type: HTTP_FORWARD\n"
        '        callbackData: "x"   # who reads this?\n'
        "        forwardUrl: https://old.example/in   # until May\n",
        "      # who reads this?\n      # until May\n",
    )


def test_a_value_in_braces_is_written_anew() -> None:
    """What is written in one line stays in one line."""
    changed = ActionDraft(type="PULL", callback_data="flows")

    assert merged(app("Shop", NIGHT, OLD, changed)) == FILE.replace(
        "{type: PULL, callbackData: flow}", '{"type": "PULL", "callbackData": "flows"}'
    )


def test_configurations_come_and_go() -> None:
    """A configuration that is new or gone is so in the file; comments stay in any case."""
    assert merged(app("Bank", NIGHT), app("Cafe", NIGHT)) == FILE.replace(
        "configuration: null  # none yet\n",
        "configuration:  # none yet\n    actions:\n      - type: PULL\n",
    ).replace("actions: []  # soon\n", "actions:  # soon\n      - type: PULL\n")
    assert merged(app("Shop")).count("#") == FILE.count("#")
    assert "    actions: []\n      # for the night\n" in merged(app("Shop"))
    assert "  configuration: null\n    # for the night\n    # nothing else\n" in merged(
        WantedApplication("Shop")
    )


def test_applications_come_and_go() -> None:
    """A complete export removes what the account does not have; one of some leaves the rest."""
    new = app("Zoo", NIGHT)

    assert merged(new) == FILE.replace(
        "# The end\n",
        "- name: Zoo\n  configuration:\n    actions:\n      - type: PULL\n# The end\n",
    )
    complete = merged(new, is_complete=True)
    assert read_setup_file(complete.encode(), "s").applications[0].name == "Zoo"
    assert len(re.findall("#", complete)) == FILE.count("#")
    assert "applications: []   # of the shop" in merged(is_complete=True)


def test_ids_codes_and_keys() -> None:
    """They are added where an export has them; an ID finds an application of another name."""
    first = WantedApplication("Bank", None, "7", "C")
    file = merged(first, app("Cafe", NIGHT, key="K"))

    assert '  name: Bank\n  id: "7"\n  code: C\n' in file
    assert "    actions:  # soon\n      - type: PULL\n        key: K\n    key: K\n" in file
    assert "name: Banco\n" in merged(WantedApplication("Banco", None, "7", "C"), file=file)
    assert merged(WantedApplication("Bank"), app("Cafe", NIGHT), file=file) == file


def test_a_mask_stays_where_it_can() -> None:
    """A masked value of the file stands for the value of the account, which may be readable."""
    file = FILE.replace("https://old.example/in", "https://••••/in")

    assert merged(app("Shop", FLOW, OLD, NIGHT), file=file) == file


def test_a_file_without_a_line_end() -> None:
    """The last line of a file may have no end."""
    file = "version: 1\napplications:\n- name: A\n  configuration: null"

    assert merged(app("A"), WantedApplication("B"), file=file) == (
        "version: 1\napplications:\n- name: A\n  configuration:\n    actions: []\n"
        "- name: B\n  configuration: null"
    )


def test_json_keeps_its_order_and_its_schema() -> None:
    """JSON has no comments; its applications stay in their order."""
    file = json.dumps(
        {
            "$schema": "x",
            "version": 1,
            "applications": [{"name": "B", "configuration": None}, {"name": "A"}],
        }
    ).replace('"A"', '"A", "configuration": null')

    changed = merge_into(file.encode(), "s.json", [app("A"), app("0")], is_complete=False)

    found = json.loads(changed)
    assert list(found) == ["$schema", "version", "applications"]
    assert [one["name"] for one in found["applications"]] == ["B", "A", "0"]
    same = [WantedApplication("A"), WantedApplication("B")]
    assert merge_into(file.encode(), "s.json", same, is_complete=True) == file.encode()


START = "version: 1\napplications:\n- name: A\n  configuration:"
CHANGED = ActionDraft(type="PULL", callback_data="new: 1")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (" {actions: [{type: PULL}]}  # one\n", None),
        (
            " {actions: []}  # one\n",
            ' {"actions": [{"type": "PULL", "callbackData": "new: 1"}]}  # one\n',
        ),
        (
            "\n    actions: [{type: PULL, callbackData: x}]  # one\n",
            '\n    actions: [{"type": "PULL", "callbackData": "new: 1"}]  # one\n',
        ),
        (
            "\n    actions:\n    - callbackData: |-  # one\n        x\n      type: PULL\n",
            '\n    actions:\n    - callbackData: "new: 1"  # one\n      type: PULL\n',
        ),
        (
            "\n    actions:\n    - forwardUrl: u  # one\n      type: PULL  # two\n",
            "\n    actions:\n    # one\n    # two\n    - type: PULL\n"
            '      callbackData: "new: 1"\n',
        ),
        (
            "\n    actions:\n    - # one\n      callbackData: >  # two\n        x\n\n"
            "        y\n      type: PULL\n",
            '\n    actions:\n    - # one\n      callbackData: "new: 1"  # two\n      type: PULL\n',
        ),
    ],
)
def test_styles_of_actions(before: str, after: str | None) -> None:
    """Each style of YAML is edited in its own way, and what stands in braces as a whole."""
    result = merged(app("A", CHANGED), file=START + before)

    assert read_setup_file(result.encode(), "s").applications[0].actions[0].draft == CHANGED
    if after is not None:
        assert result == START + after


def test_a_configuration_in_braces_goes() -> None:
    """What stood in the line of its name is replaced there."""
    file = f"{START} {{actions: []}}  # one\n"

    assert merged(WantedApplication("A"), file=file) == f"{START} null  # one\n"
    assert merged(app("A"), WantedApplication("B"), file=file).startswith(file)


def test_a_style_that_cannot_be_edited_is_refused() -> None:
    """The result is read before it is written: a file is never damaged."""
    file = "version: 1\n? applications\n: - name: A\n    configuration: null\n"

    with pytest.raises(CannotMerge):
        merged(is_complete=True, file=file)
    flow = f"{START}\n    actions: [  # one\n      {{type: PULL}}]\n"
    with pytest.raises(CannotMerge):
        merged(app("A", CHANGED), file=flow)


def test_yaml_in_braces() -> None:
    """A file in braces is written anew, unless it has comments."""
    file = "{version: 1, applications: [{name: A, configuration: null}]}\n"

    assert merged(app("A"), file=file).endswith(
        "  - name: A\n    configuration:\n      actions: []\n"
    )
    with pytest.raises(CannotMerge, match="comments cannot be kept"):
        merged(app("A"), file=f"# mine\n{file}")
    flow = "version: 1\napplications:\n- {name: A, # mine\n   configuration: null}\n"
    with pytest.raises(CannotMerge):
        merged(app("A"), file=flow)


def test_a_file_that_is_no_setup_is_not_touched() -> None:
    """An export changes only what it understands."""
    with pytest.raises(InvalidDocument):
        merged(app("A"), file="my: notes\n")


TEXTS = st.sampled_from(["a", "b: c", "x\ny", "# z", "https://h/#f", "'", '"', "••••"])
DRAFTS = st.builds(
    ActionDraft,
    type=st.sampled_from(["PULL", "HTTP_FORWARD"]),
    forward_url=st.just("") | TEXTS,
    callback_data=st.just("") | TEXTS,
)
SETUPS = st.dictionaries(
    st.sampled_from(["A", "B: 1", "C #", "D"]), st.none() | st.lists(DRAFTS, max_size=3)
).map(
    lambda found: [
        WantedApplication(name) if drafts is None else app(name, *drafts)
        for name, drafts in found.items()
    ]
)


@settings(max_examples=30)
@given(SETUPS, SETUPS, st.randoms(use_true_random=False), st.booleans())
def test_comments_survive_every_change(
    before: Sequence[WantedApplication],
    after: Sequence[WantedApplication],
    random: Random,
    is_complete: bool,
) -> None:
    """Whatever changes, the file says it, each comment is there, and a second merge is none."""
    lines = write_setup_file(before).decode().splitlines()
    for number in range(len(lines)):
        comment = f"# note {number}"
        if random.random() < 0.1:  # a dash in a line of its own
            lines[number] = re.sub("^( +)- ", r"\1- # note\n\1  ", lines[number])
        place = random.randrange(4)
        if place == 0 and "|" not in lines[number]:
            lines[number] += f"  {comment}"
        elif place == 1:
            lines[number] = f"{' ' * random.randrange(9)}{comment}\n{lines[number]}"
    file = "\n".join([*lines, ""])

    result = merged(*after, file=file, is_complete=is_complete)

    found = {one.name: one for one in read_setup_file(result.encode(), "s").applications}
    assert set(found) == {one.name for one in (*after, *(() if is_complete else before))}
    for one in after:
        assert fits(found[one.name], one)
    assert sorted(re.findall("# note [0-9]+", result)) == sorted(re.findall("# note [0-9]+", file))
    assert merged(*after, file=result, is_complete=is_complete) == result


def fits(one: WantedApplication, other: WantedApplication) -> bool:
    masked = "••••" in str(one)
    return masked or meaning_of(one) == meaning_of(other)

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.model import ActionDraft
from ibconsole.services.documents import FileFormat
from ibconsole.services.setup.files import (
    WantedAction,
    WantedApplication,
    WantedConfiguration,
    read_setup_file,
    write_setup_file,
)

SETUP = (
    WantedApplication(
        "Shop",
        WantedConfiguration(
            (
                WantedAction(ActionDraft(type="PULL", callback_data="line 1\nline 2: #"), "K2"),
                WantedAction(ActionDraft(type="HTTP_FORWARD", forward_url="https://h/in?a=1#b")),
            ),
            "K1",
        ),
        code="C",
    ),
    WantedApplication("empty", WantedConfiguration()),
    WantedApplication("Größe: 1", None, id="7"),
)
YAML = """\
# The inbound setup of an account; `ibconsole setup plan` compares this file with an account.
version: 1
applications:
  - name: empty
    configuration:
      actions: []
  - name: "Größe: 1"
    id: "7"
    configuration: null
  - name: Shop
    code: C
    configuration:
      key: K1
      actions:
        - type: HTTP_FORWARD
          forwardUrl: https://h/in?a=1#b
        - type: PULL
          callbackData: "line 1\\nline 2: #"
          key: K2
"""
TEXTS = st.text(max_size=8) | st.text("ab:# -?'\"\\\n\t\u202e\u2028😀", max_size=8)
PLAIN_TEXTS = TEXTS.filter(lambda text: "••••" not in text)
ACTIONS = st.builds(
    WantedAction,
    st.builds(
        ActionDraft,
        type=st.sampled_from(["PULL", "HTTP_FORWARD", "Other: x"]),
        forward_url=TEXTS,
        callback_data=TEXTS,
    ),
    TEXTS,
)
APPLICATIONS = st.lists(
    st.builds(
        WantedApplication,
        PLAIN_TEXTS.filter(bool),
        st.none() | st.builds(WantedConfiguration, st.lists(ACTIONS, max_size=3).map(tuple), TEXTS),
        id=PLAIN_TEXTS.filter(bool),
    ),
    max_size=4,
    unique_by=lambda one: one.id,
)


def test_a_setup_in_yaml() -> None:
    """Everything that needs no quotes has none; applications and actions are sorted."""
    assert write_setup_file(SETUP).decode() == YAML
    assert write_setup_file(reversed(SETUP)).decode() == YAML
    assert write_setup_file([]).decode() == "".join(
        [*YAML.splitlines(keepends=True)[:2], "applications: []\n"]
    )


def test_a_setup_in_json() -> None:
    """JSON has the same members; each in a line of its own, for tools that compare lines."""
    text = write_setup_file(SETUP, FileFormat.JSON).decode()

    assert text.startswith('{\n  "version": 1,\n  "applications": [\n    {\n      "name": "empty",')
    assert json.loads(text)["applications"][2] == {
        "name": "Shop",
        "code": "C",
        "configuration": {
            "key": "K1",
            "actions": [
                {"type": "HTTP_FORWARD", "forwardUrl": "https://h/in?a=1#b"},
                {"type": "PULL", "callbackData": "line 1\nline 2: #", "key": "K2"},
            ],
        },
    }


@settings(max_examples=25)
@given(APPLICATIONS, st.sampled_from(FileFormat))
def test_what_is_written_is_read(
    applications: list[WantedApplication], file_format: FileFormat
) -> None:
    """A file says what was written into it, and writing that again gives the same bytes."""
    data = write_setup_file(applications, file_format)

    found = read_setup_file(data, "stdin").applications

    assert write_setup_file(found, file_format) == data
    assert sorted(map(meaning, found)) == sorted(map(meaning, applications))


def meaning(one: WantedApplication) -> Any:
    """Return what an application is to have, as a value that can be sorted."""
    actions = sorted((sorted(each.draft.raw.items()), each.key) for each in one.actions)
    return one.id, one.name, bool(one.configuration), actions

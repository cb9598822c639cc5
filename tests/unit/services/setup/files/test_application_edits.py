"""What a merge shows of edits is in `test_merging.py`."""

import pytest

from ibconsole.services.documents import Problems, TextEdits, read_nodes
from ibconsole.services.setup.files.application_edits import edit_applications
from ibconsole.services.setup.files.values import WantedApplication, WantedConfiguration

BEFORE = WantedApplication("A")
AFTER = [(0, WantedApplication("A", WantedConfiguration()))]
START = "version: 1\napplications:"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"{START}\n- name: A\n  configuration: ~\n",
            f"{START}\n- name: A\n  configuration:\n    actions: []\n",
        ),
        (
            f"{START}\n- name: A\n  configuration:\n",
            f"{START}\n- name: A\n  configuration:\n    actions: []\n",
        ),
        (
            f"{START}\n- {{name: A, configuration: null}} # one\n",
            f'{START}\n- {{"name": "A", "configuration": {{"actions": []}}}} # one\n',
        ),
        (f"{START}\n- {{name: A,  # one\n   configuration: null}}\n", None),
        (f"{START} [{{name: A, configuration: null}}]\n", None),
        ("{version: 1, applications: [{name: A, configuration: null}]}\n", None),
    ],
)
def test_styles(text: str, expected: str | None) -> None:
    """Lines are edited, braces are written anew, and nothing is edited that would lose comments."""
    root = read_nodes(text, "s.yaml", Problems("s"))
    assert root
    edits = TextEdits(text, root)

    is_possible = edit_applications(edits, root, [BEFORE], AFTER)

    assert (edits.result if is_possible else None) == expected

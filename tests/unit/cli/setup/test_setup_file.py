import io
import json
import os
import threading
from pathlib import Path

import pytest

from ibconsole.cli.options import name_of
from ibconsole.cli.setup.setup_file import read_setup
from ibconsole.services.documents import InvalidDocument
from ibconsole.services.setup.files import read_setup_file
from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command

EMPTY = b"version: 1\napplications: []\n"


def test_an_export_describes_the_account(on_account: Command, tmp_path: Path) -> None:
    """Each application is there with its actions, without codes and keys, and always the same."""
    file, listed = tmp_path / "setup.yaml", on_account("apps", "list", "--json").json

    exported = on_account("setup", "export")
    written = on_account("setup", "export", "--output", str(file))

    assert (exported.code, exported.err) == (0, "")
    assert (written.out, written.err) == ("", f"Exported 6 applications to {file}.\n")
    assert file.read_text(encoding="utf-8") == exported.out
    found = read_setup_file(exported.out.encode(), "stdin").applications
    assert [one.name for one in found] == sorted(one["name"] for one in listed)
    assert not any(one["applicationCode"] in exported.out for one in listed)
    assert "key" not in exported.out


def test_chosen_applications_with_codes_and_keys(on_account: Command, tmp_path: Path) -> None:
    """Applications are named by code, ID or name; codes and keys are there if asked for."""
    first, second, third = on_account("apps", "list", "--json").json[:3]
    file = tmp_path / "setup.json"
    chosen = (first["applicationCode"], second["applicationId"], third["name"], first["name"])

    on_account("setup", "export", *chosen, "--codes", "--keys", "--output", str(file))

    found = json.loads(file.read_text(encoding="utf-8"))["applications"]
    expected = {one["name"]: one["applicationCode"] for one in (first, second, third)}
    assert {one["name"]: one["code"] for one in found} == expected
    assert '"key"' in file.read_text(encoding="utf-8")


def test_values_are_masked(on_account: Command, running: RunningSimulator) -> None:
    """The credential, users in URLs, and the values of queries if asked, get out of no account."""
    app = on_account("apps", "list", "--json").json[0]["applicationCode"]
    key = on_account("configs", "list", app).out.split()[0]
    url = f"http://u:p@127.0.0.1:9/in?token=1&key={running.api_key}"
    on_account("actions", "create", app, key, "--forward-url", url)

    exported = on_account("setup", "export", app).out
    masked = on_account("setup", "export", app, "--mask-query", "--format", "json").out

    assert "http://••••@127.0.0.1:9/in?token=1&key=••••" in exported
    assert "http://••••@127.0.0.1:9/in?token=••••&key=••••" in masked


def test_nothing_is_replaced_unasked(on_account: Command, tmp_path: Path) -> None:
    """A file that exists is replaced with --force only; a directory never is."""
    file = tmp_path / "setup.yaml"
    file.write_text("mine", encoding="utf-8")

    refused = on_account("setup", "export", "--output", str(file))
    assert (refused.code, "exists already" in refused.err) == (1, True)
    assert file.read_text(encoding="utf-8") == "mine"

    assert on_account("setup", "export", "--output", str(file), "--force").code == 0
    assert file.read_text(encoding="utf-8").startswith("# The inbound setup")
    directory = on_account("setup", "export", "--output", str(tmp_path), "--force")
    assert (directory.code, "no regular file" in directory.err) == (1, True)


def test_comments_stay_in_a_file_that_is_merged(on_account: Command, tmp_path: Path) -> None:
    """A file is changed where the account differs, and not at all if it does not."""
    file, merge = tmp_path / "setup.yaml", ("setup", "export", "--merge", "--output")
    assert on_account(*merge, str(file)).code == 0
    commented = file.read_text(encoding="utf-8").replace("name:", "name: # mine\n     ")
    file.write_text(f"{commented}# end\n", encoding="utf-8")

    same = on_account(*merge, str(file))
    assert file.read_text(encoding="utf-8") == f"{commented}# end\n"
    assert (same.code, "was not changed" in same.err) == (0, True)

    app = on_account("apps", "list", "--json").json[0]["name"]
    key = on_account("configs", "list", app).out.split()[0]
    on_account("actions", "create", app, key, "--pull", "--callback-data", "new")
    assert on_account(*merge, str(file), app).code == 0
    found = file.read_text(encoding="utf-8")
    assert found.replace("        - type: PULL\n          callbackData: new\n", "") == (
        f"{commented}# end\n"
    )


def test_what_cannot_be_merged(on_account: Command, tmp_path: Path) -> None:
    """A merge needs a file, and one that is a setup file."""
    file = tmp_path / "notes.yaml"
    file.write_text("notes: mine\n", encoding="utf-8")
    merge = ("setup", "export", "--merge")

    assert on_account(*merge).code == 1
    assert on_account(*merge, "--output", "/dev/null").code == 1
    assert on_account(*merge, "--output", str(file), "--force").code == 1
    refused = on_account(*merge, "--output", str(file))
    assert (refused.code, f"{file}:1:1: “notes” is not known" in refused.err) == (1, True)
    assert refused.err.count("\n") == 3


def test_an_unknown_application_is_no_empty_file(on_account: Command, tmp_path: Path) -> None:
    """An export that cannot be complete writes nothing."""
    file = tmp_path / "setup.yaml"

    result = on_account("setup", "export", "No such", "--output", str(file))

    assert (result.code, file.exists()) == (1, False)
    assert "no application with the code, ID or name No such" in result.err


def test_a_file_a_pipe_and_stdin_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setup file comes from wherever a shell can take it."""
    file, pipe = tmp_path / "s.yaml", tmp_path / "pipe"
    file.write_bytes(EMPTY)
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[EMPTY])
    writer.start()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(EMPTY)))

    assert [read_setup(one).name for one in (file, pipe, Path("-"))] == [
        str(file),
        str(pipe),
        "stdin",
    ]
    writer.join()


def test_problems_name_the_file_as_it_was_given(tmp_path: Path) -> None:
    """An editor finds the place by the name of the file, the line and the column."""
    file = tmp_path / "s.yaml"
    file.write_bytes(b"version: 2\napplications: []")

    with pytest.raises(InvalidDocument) as raised:
        read_setup(file)

    assert raised.value.lines == (f"{file}:1:10: version has to be 1",)
    assert name_of(Path("-")) == "stdin"

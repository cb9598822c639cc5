"""The policy that masks application codes over every command: also one that is added later."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.cli.main import ibconsole as program
from ibconsole.services.protection import policy_source
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.cli.conftest import Command, CommandResult

OPTIONS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("actions", "create"): ("--pull",),
    ("case", "open"): ("--findings",),
    ("diagnose",): ("--no-probes",),
    ("findings", "mute"): ("--reason", "planned", "--until", "2099-01-01"),
    ("forward-test",): ("--payload", "last", "--once"),
    ("pull",): ("--limit", "2"),
    ("watch",): ("--once", "--no-probes"),
}
# They run until they are stopped, ask the keyring, or look at the computer.
LEFT_OUT = {("listen",), ("simulate",), ("mcp",), ("doctor",)}
FORMS = ((), ("--json",), ("--markdown",), ("--sarif",), ("--format", "csv"))


def _commands(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from _commands(below, (*path, name))
    elif path not in LEFT_OUT and path[0] != "connections":
        yield path, command


def _lines(
    command: click.Command, path: tuple[str, ...], values: dict[str, str]
) -> Iterator[Sequence[str]]:
    """Return the command in each of its forms, with what it cannot do without."""
    taken = {option for one in command.params for option in one.opts}
    arguments = [
        values.get(one.name or "", "IBC-1002")
        for one in command.params
        if isinstance(one, click.Argument)
    ]
    yes = ("--yes",) if "--yes" in taken else ()
    for form in FORMS:
        if not form or form[0] in taken:
            yield (*path, *arguments, *OPTIONS.get(path, ()), *yes, *form)


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the policy of this computer mask codes (one of another than root: everything)."""
    path = tmp_path / "policy.toml"
    path.write_text("forbid_revealed_codes = true\n")
    monkeypatch.setattr(policy_source, "POLICY_FILE", path)


@pytest.fixture
def account(
    on_account: Command, running: RunningSimulator, tmp_path: Path
) -> tuple[dict[str, str], list[str]]:
    """An account whose codes are also in URLs and messages: values of arguments, and all codes."""
    listed = on_account("apps", "list", "--json").json
    code = listed[0]["applicationCode"]
    configured = on_account("configs", "list", code, "--json").json
    key = configured[0]["key"] if configured else on_account("configs", "create", code).out.strip()
    url = f"http://127.0.0.1:9/in?app={code}"
    action = on_account(
        "actions", "create", code, key, "--forward-url", url, "--callback-data", code, "--json"
    ).json["key"]
    on_account("pull", "--yes", "--limit", "2")
    message = {"messageId": "m", "from": code, "text": f"of {code}", "applicationCode": code}
    with Archive(Paths(tmp_path / "data").archive) as archive:
        body = batch(message)
        archive.decode(archive.add_forwards([arrival(body)]))
    values = {
        "app": code,
        "config": key,
        "action": action,
        "message": "3",
        "url": f"{running.base_url}/nothing",
        "file": str(tmp_path / "none"),
    }
    return values, [one["applicationCode"] for one in listed]


def _readable(shown: CommandResult, codes: Sequence[str]) -> list[str]:
    return [code for code in codes if code in shown.out + shown.err]


def test_no_command_writes_a_code(
    ibconsole: Command,
    on_account: Command,
    account: tuple[dict[str, str], list[str]],
    policy: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every command in every form writes masked codes, although it is given one."""
    monkeypatch.chdir(tmp_path)  # where some write their files
    values, codes = account
    for path, command in sorted(_commands(program), key=lambda one: "delete" in one[0]):
        takes_account = any(one.name == "base_url" for one in command.params)
        for line in _lines(command, path, values):
            shown = (on_account if takes_account else ibconsole)(*line)
            assert "Traceback" not in shown.err, line
            assert _readable(shown, codes) == [], line


@pytest.mark.parametrize(
    "line",
    [
        ("messages", "export", "--reveal-codes"),
        ("messages", "export", "--reveal-codes", "--format", "raw"),
        ("messages", "export", "--reveal-codes", "--output", "FILE"),
        ("diagnose", "--reveal-codes"),
        ("setup", "export", "--codes"),
        ("setup", "export", "--codes", "--output", "FILE"),
        ("watch", "--reveal-codes", "--once"),
    ],
)
def test_readable_codes_are_refused(
    on_account: Command, ibconsole: Command, tmp_path: Path, policy: None, line: Sequence[str]
) -> None:
    """What asks for readable codes is refused before anything is sent or written."""
    target = tmp_path / "export"
    words = [str(target) if word == "FILE" else word for word in line]
    refused = (ibconsole if "messages" in line else on_account)(*words)

    assert (refused.code, refused.out) == (1, "")
    assert "administrator" in refused.err
    assert not target.exists()


def test_an_application_can_still_be_named(
    on_account: Command, account: tuple[dict[str, str], list[str]], policy: None
) -> None:
    """By its code, by the ID that the list shows in place of it, or by its name."""
    values, _ = account
    listed = on_account("apps", "list", "--json").json
    table = on_account("apps", "list").out
    first = next(one for one in listed if values["app"].startswith(one["applicationCode"][:4]))

    assert first["applicationId"] in table
    assert first["applicationCode"] in table
    for name in (values["app"], first["applicationId"], first["name"]):
        assert on_account("configs", "list", name).out == f"{values['config']}\n"
        assert json.loads(on_account("apps", "show", name, "--json").out) == first

"""The setup of the current connection as a file, from another loop than the engine's."""

from pathlib import Path

import pytest

from ibconsole.services.connections.account import Account
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_plans import RemotePlans
from ibconsole.services.console.remote_setup_files import (
    FileRequest,
    RemoteSetupFiles,
    SetupExport,
    SetupFileUnusable,
)
from ibconsole.services.documents import InvalidDocument
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.setup.plans.plan import Plan, PlanKind, StepKind
from ibconsole.simulator.running import RunningSimulator
from tests.unit.services.setup.plans.accounts import FORWARD, PULL, Hand


@pytest.fixture
def remote(engine: Engine, engine_console: Console) -> RemotePlans:
    return RemotePlans(engine, engine_console)


@pytest.fixture
def files(engine: Engine, engine_console: Console, remote: RemotePlans) -> RemoteSetupFiles:
    return RemoteSetupFiles(engine, engine_console, remote)


@pytest.fixture
def hand(running: RunningSimulator, account: Account) -> Hand:
    return Hand(running.simulator, account)


def name_of(hand: Hand) -> str:
    application = hand.simulator.state.account.application(hand.code)
    assert application
    return str(application.raw["name"])


def ignore(*_: int) -> None:
    """Show no progress."""


async def run(remote: RemotePlans, plan: Plan, chosen: set[int] | None = None) -> None:
    result = await remote.run(plan, lambda _: None, lambda: False, chosen=chosen)
    assert not result.left


async def test_what_is_exported_can_be_applied(
    files: RemoteSetupFiles, remote: RemotePlans, hand: Hand, tmp_path: Path
) -> None:
    """A configuration that was deleted since comes back from the file."""
    hand.configure(FORWARD, PULL)
    path = tmp_path / "shop.yaml"
    assert await files.export(SetupExport(path, (hand.code,)), ignore) == 1
    text = path.read_text(encoding="utf-8")
    assert name_of(hand) in text
    assert hand.code not in text
    same = await files.plan_file(FileRequest(path), ignore)
    assert same.steps == ()

    hand.delete_configuration()
    seen: list[tuple[int, int]] = []
    plan = await files.plan_file(FileRequest(path), lambda *read: seen.append(read))
    await run(remote, plan)

    assert plan.title == "Apply shop.yaml"
    assert seen == [(1, 1)]
    assert hand.drafts == [("HTTP_FORWARD", FORWARD.forward_url), ("PULL", "")]


async def test_a_file_in_json_and_of_the_whole_account(
    files: RemoteSetupFiles, hand: Hand, tmp_path: Path
) -> None:
    path = tmp_path / "setup.json"
    number = await files.export(SetupExport(path, masks_queries=True), ignore)
    assert number == len(hand.simulator.state.account.applications)
    assert path.read_text(encoding="utf-8").startswith("{")


async def test_deletions_are_planned_and_made_if_chosen(
    files: RemoteSetupFiles, remote: RemotePlans, hand: Hand, tmp_path: Path
) -> None:
    """What was not chosen stays, and is known as such at the next time."""
    hand.configure(PULL)
    path = tmp_path / "shop.yaml"
    path.write_text(
        f"version: 1\napplications:\n  - name: {name_of(hand)}\n    configuration:\n"
        "      actions:\n        - type: HTTP_FORWARD\n"
        "          forwardUrl: https://stage.example/in\n",
        encoding="utf-8",
    )
    request = FileRequest(path, texts=("stage.=live.", "nothing=found"))

    plan = await files.plan_file(request, ignore)
    assert [step.kind for step in plan.steps] == [StepKind.CREATE_ACTION, StepKind.DELETE_ACTION]
    assert plan.notes[0] == "The rule “nothing=found” found nothing in the file."
    await run(remote, plan, {1})
    assert hand.drafts == [("HTTP_FORWARD", "https://live.example/in"), ("PULL", "")]

    again = await files.plan_file(request, ignore)
    await run(remote, again, {again.steps[0].number})
    assert hand.drafts == [("HTTP_FORWARD", "https://live.example/in")]


async def test_an_application_is_cloned(
    files: RemoteSetupFiles,
    remote: RemotePlans,
    engine: Engine,
    engine_console: Console,
    hand: Hand,
) -> None:
    """The other application gets the same actions, and keeps its own unless they are chosen."""
    hand.configure(FORWARD)
    origin = await engine.call(engine_console.platform.application, hand.code)
    codes = [one.code for one in hand.simulator.state.account.applications]
    other = Hand(
        hand.simulator, engine_console.account, code=next(c for c in codes if c != hand.code)
    )
    target = await engine.call(engine_console.platform.application, other.code)
    before = other.drafts or []

    plan = await files.plan_clone(origin, target)
    creations = {step.number for step in plan.steps if not step.kind.deletes}
    await run(remote, plan, creations)

    assert plan.kind is PlanKind.CLONE
    assert plan.title == f"Clone {origin.name} to {target.name}"
    assert other.drafts == sorted([*before, ("HTTP_FORWARD", FORWARD.forward_url)])


async def test_bad_files_are_refused(files: RemoteSetupFiles, hand: Hand, tmp_path: Path) -> None:
    """One sentence each; the problems of a file have their places."""
    with pytest.raises(SetupFileUnusable, match="cannot be read"):
        await files.plan_file(FileRequest(tmp_path / "none.yaml"), ignore)
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 1\napplications: 3\n", encoding="utf-8")
    with pytest.raises(InvalidDocument, match=r"bad\.yaml:2:"):
        await files.plan_file(FileRequest(bad), ignore)
    with pytest.raises(SetupFileUnusable, match="cannot be written"):
        await files.export(SetupExport(tmp_path / "no" / "setup.yaml"), ignore)

import re
from collections.abc import Callable
from pathlib import Path

from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command

FileWith = Callable[..., str]
NAME = "Marigold Retail"  # it has no configuration
PULL, FORWARD = "{type: PULL}", "{type: HTTP_FORWARD, forwardUrl: 'https://u:pw@live.example/in'}"


def test_an_export_is_applied_to_a_fresh_account(
    ibconsole: Command, on_account: Command, on_fresh: Command, tmp_path: Path
) -> None:
    """Export, apply elsewhere, export: the same bytes; a second apply changes nothing."""
    file, chosen = tmp_path / "setup.yaml", ("Bora Bank", NAME, "Lumen Mobile")
    on_account("setup", "export", *chosen, "--output", str(file))

    differs = on_fresh("setup", "diff", str(file))
    applied = on_fresh("setup", "apply", str(file), "--yes")
    again = on_fresh("setup", "apply", str(file), "--yes", "--prune")

    assert (differs.code, applied.code, again.code) == (2, 0, 0)
    assert on_fresh("setup", "export", *chosen).out.encode() == file.read_bytes()
    assert again.err == "Nothing is missing: there is nothing to do.\n"
    assert on_fresh("setup", "diff", str(file)).code == 0
    rows = ibconsole("audit", "list", "--json").out
    assert "Apply setup.yaml" in rows
    assert "not known" not in rows


def test_differences_are_shown(
    on_account: Command, setup_file: FileWith, running: RunningSimulator
) -> None:
    """What is missing and what is extra, without secrets in URLs; 2 says that there are any."""
    differs = on_account("setup", "diff", setup_file("Bora Bank", FORWARD))

    assert differs.code == 2
    assert differs.out == (
        "Bora Bank\n"
        "  + HTTP_FORWARD · https://••••@live.example/in\n"
        "  - PULL · channel=inapp-chat;tenant=retail\n"
    )
    assert differs.err == (
        "1 of 1 application differ: 1 missing in the account, 1 not in the file.\n"
    )
    found = on_account("setup", "diff", setup_file("Bora Bank", FORWARD), "--json")
    [application] = found.json["applications"]
    assert (found.code, found.json["differs"]) == (2, True)
    assert application["missing"][0]["forwardUrl"] == "https://••••@live.example/in"
    assert application["extra"][0]["type"] == "PULL"
    assert not any(one.code in found.out for one in running.simulator.state.account.applications)


def test_a_plan_is_stored_and_applied_by_its_id(
    on_account: Command, setup_file: FileWith, running: RunningSimulator
) -> None:
    """What was reviewed is what is done, deletions too; done once, it is done."""
    file = setup_file("Bora Bank", FORWARD)
    planned = on_account("setup", "plan", file, "--prune")
    assert planned.code == 2
    assert "Deletions (1):" in planned.out
    plan_id = re.findall(r"^Plan (\w+)$", planned.out, re.MULTILINE)[0]

    applied = on_account("setup", "apply", file, "--plan", plan_id, "--yes")
    again = on_account("setup", "apply", file, "--plan", plan_id, "--yes")

    assert (applied.code, again.code) == (0, 0)
    assert "2/2 Bora Bank · Delete pull action · done" in applied.err
    assert on_account("setup", "diff", file).code == 0
    empty = on_account("setup", "plan", file, "--json")
    assert (empty.code, empty.json["plan"], empty.json["steps"]) == (0, None, [])


def test_a_plan_that_does_not_fit_any_more_is_refused(
    on_account: Command, setup_file: FileWith, running: RunningSimulator
) -> None:
    """If file or account differ from the stored plan, nothing is sent, and the error says why."""
    plan_id = on_account("setup", "plan", setup_file(NAME, PULL), "--json").json["plan"]
    writes = [call for call in running.simulator.state.calls if not call.startswith("GET")]

    changed = on_account("setup", "apply", setup_file(NAME, FORWARD), "--plan", plan_id, "--yes")

    assert (changed.code, writes) == (1, [])
    assert "not in the plan: “Create forward action” for “Marigold Retail”" in changed.err
    assert [one for one in running.simulator.state.calls if not one.startswith("GET")] == []
    unknown = on_account("setup", "apply", setup_file(NAME, PULL), "--plan", "x", "--yes")
    assert (unknown.code, unknown.err) == (
        1,
        "There is no plan x in the archive. Nothing was sent.\n",
    )


def test_what_is_extra_is_named_and_stays(on_account: Command, setup_file: FileWith) -> None:
    """Without --prune there is nothing to do, and the output says what is left as it is."""
    planned = on_account("setup", "plan", setup_file("Bora Bank"))

    assert planned.code == 0
    assert "Not in the file, and left as it is (--prune deletes it):" in planned.out
    assert "Bora Bank · PULL · channel=inapp-chat;tenant=retail" in planned.out


def test_a_dry_run_changes_nothing(
    on_account: Command, setup_file: FileWith, running: RunningSimulator, tmp_path: Path
) -> None:
    """It needs no permission, stores nothing, and has the exit codes of a plan."""
    tried = on_account("setup", "apply", setup_file(NAME, PULL), "--dry-run", "--read-only")

    assert tried.code == 2
    assert "Create pull action" in tried.out
    assert not (tmp_path / "data").exists()
    assert [one for one in running.simulator.state.calls if not one.startswith("GET")] == []


def test_errors_of_the_file_are_listed(
    on_account: Command, setup_file: FileWith, running: RunningSimulator, tmp_path: Path
) -> None:
    """Every problem has its line, the exit code is 1, and nothing is sent for a bad file."""
    file = setup_file(NAME, "{type: 5}", "{type: PULL, x: 1}")
    for command in ("diff", "plan", "apply"):
        bad = on_account("setup", command, file)
        assert (bad.code, bad.out) == (1, "")
        assert [line.split(": ")[0] for line in bad.err.splitlines()] == [
            f"{file}:6:16",
            f"{file}:7:22",
        ]
    assert on_account("setup", "diff", str(tmp_path / "none")).code == 1
    assert running.simulator.counters["requests"] == 0

    unknown = on_account("setup", "plan", setup_file("Marigold"))
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.startswith(f"{tmp_path}/setup.yaml:3:3: the account has no application")


def test_a_question_comes_before_changes(
    on_account: Command, setup_file: FileWith, running: RunningSimulator
) -> None:
    """Without a terminal --yes is needed; a locked account is refused before anything is read."""
    file = setup_file(NAME, PULL)

    asked = on_account("setup", "apply", file)
    before = running.simulator.counters["requests"]
    locked = on_account("setup", "apply", file, "--yes", "--read-only")

    assert asked.code == 1
    assert "Create 2 objects in http://127.0.0.1" in asked.err
    assert (locked.code, running.simulator.counters["requests"]) == (1, before)


def test_wrong_usage_is_no_difference(ibconsole: Command, on_account: Command) -> None:
    """A pipeline takes 2 for differences: what is mistyped has to be another code."""
    for arguments in (("diff",), ("plan", "x", "--prun"), ("dif", "x"), ("--wrong", "diff", "x")):
        assert on_account("setup", *arguments).code == 1
    no_account = ibconsole("setup", "apply", __file__, "--yes")
    assert no_account.code == 1


def test_rules_adapt_a_file(on_account: Command, setup_file: FileWith, tmp_path: Path) -> None:
    """Names and texts change before the comparison; a rule that finds nothing is named."""
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nreplace: [{text: stage, with: live}]\n", encoding="utf-8")
    file = setup_file("Shop", "{type: HTTP_FORWARD, forwardUrl: 'https://stage.example/in'}")

    adapted = on_account(
        *("setup", "plan", file, "--map-app", f"Shop={NAME}", "--rules", str(rules)),
        *("--replace", "/live.(example)/=\\1", "--replace", "typo=x", "--json"),
    )

    assert adapted.err == f"The rule “typo=x” found nothing in {file}.\n"
    assert adapted.json["steps"][1]["action"]["forwardUrl"] == "https://example/in"
    bad = on_account("setup", "plan", file, "--replace", "/(/=x")
    assert (bad.code, bad.err.count("\n")) == (1, 1)


def test_a_failed_apply_is_resumed(
    on_account: Command, setup_file: FileWith, running: RunningSimulator
) -> None:
    """The output says what is left and how to go on; --resume completes the same plan."""
    file = setup_file(NAME, PULL, FORWARD)
    running.simulator.inject_fault("403", times=9, match="POST ")

    failed = on_account("setup", "apply", file, "--yes")
    running.simulator.state.faults.clear()
    nothing = on_account("setup", "apply", setup_file(NAME, FORWARD), "--resume", "--yes")
    resumed = on_account("setup", "apply", setup_file(NAME, PULL, FORWARD), "--resume", "--yes")

    assert failed.code == 1
    assert "3 steps left of plan" in failed.err
    assert "with --resume goes on." in failed.err
    assert (nothing.code, "not wanted by the file" in nothing.err) == (1, True)
    assert resumed.code == 0
    assert on_account("setup", "diff", file).code == 0
    assert on_account("setup", "apply", file, "--resume", "--yes").code == 1

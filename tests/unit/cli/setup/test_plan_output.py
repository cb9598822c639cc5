import pytest

from ibconsole.cli.setup.plan_output import (
    difference_json,
    plan_json,
    write_differences,
    write_plan,
    write_result,
)
from ibconsole.errors import UserError
from ibconsole.model import ActionDraft
from ibconsole.services.setup import InboundRoute, StepState
from ibconsole.services.setup.applying import SetupPlan
from ibconsole.services.setup.plans import Drifted, PlanResult, PlanState, StepProgress
from tests.unit.services.setup.applying.setups import CODE, PULL, forward, plan, route

SECRET = forward("https://u:password@a.example/in?token=abc", "data")


def planned(*, prune: bool = False) -> SetupPlan:
    """A plan with a known, an unknown and a missing action, and one that was made elsewhere."""
    other = ActionDraft(type="OTHER")
    return plan([SECRET, PULL], route(PULL, PULL, other), applied=(PULL, PULL, SECRET), prune=prune)


def test_differences_say_where_they_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    """What was applied before differs from what no file has created; secrets are masked."""
    write_differences(planned())

    assert capsys.readouterr().out == (
        "Shop\n"
        "  + HTTP_FORWARD · https://••••@a.example/in?token=•••• · data · was applied before\n"
        "  - PULL · was in the file before\n"
        "  - OTHER · by no file that was applied here\n"
    )


def test_no_difference_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """The output is empty, and the sentence is apart from it."""
    write_differences(plan([PULL], route(PULL)))

    assert capsys.readouterr() == ("", "No difference in 1 application.\n")


def test_a_configuration_differs(capsys: pytest.CaptureFixture[str]) -> None:
    """A configuration is a difference of its own."""
    write_differences(plan([], InboundRoute()))
    write_differences(plan(None, route(PULL)))

    assert capsys.readouterr().out == (
        "Shop\n  + configuration\nShop\n  - configuration conf\n  - PULL\n"
    )


def test_a_plan_names_what_it_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    """Deletions stand apart if there are any, else what is extra."""
    write_plan(planned(), "Acme", is_stored=True)
    additive = capsys.readouterr().out
    write_plan(planned(prune=True), "Acme")
    pruned = capsys.readouterr().out

    assert "password" not in additive + pruned
    assert "Not in the file, and left as it is (--prune deletes it):" in additive
    assert "      Shop · OTHER · by no file that was applied here\n" in additive
    assert additive.splitlines()[-1].startswith("Plan ")
    assert "Not in the file, and left as it is" not in pruned
    assert "Deletions (2):" in pruned


def test_json_has_ids_and_no_codes() -> None:
    """Codes are credentials of the mobile SDK; keys, types and URLs are there to be processed."""
    found = plan_json(planned(prune=True))

    assert CODE not in str(found).replace(f"id-{CODE}", "")
    assert "password" not in str(found)
    assert [step["step"] for step in found["steps"]] == [
        "create action",
        "delete action",
        "delete action",
    ]
    assert found["steps"][1]["action"] == "a2"
    assert found["applications"] == difference_json(planned())["applications"]
    [application] = found["applications"]
    assert (application["applicationId"], application["unchanged"]) == (f"id-{CODE}", 1)
    assert [one["provenance"] for one in application["extra"]] == ["applied", "other"]


def test_a_result_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    """What is left is counted; a result without steps says nothing."""
    made = planned().plan
    progress = (StepProgress(1, StepState.FAILED, problem="No."),)

    write_result(PlanResult(made, PlanState.FAILED, progress, UserError("No.")))
    write_result(PlanResult(plan([], route()).plan, PlanState.DONE, ()))
    write_result(PlanResult(made, PlanState.FAILED, progress, Drifted(made.steps[0], ["it left"])))

    assert capsys.readouterr().err.splitlines() == [
        "No. 0 of 1 step done.",
        f"1 step left of plan {made.id}; the same command with --resume goes on.",
        f"{Drifted(made.steps[0], ['it left'])} 0 of 1 step done.",
        f"1 step left of plan {made.id}; the same command makes a new one.",
    ]

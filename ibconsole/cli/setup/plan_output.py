"""The differences between a file and an account, and plans, as text and as JSON."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ibconsole.cli import out
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.model import ActionDraft
    from ibconsole.services.setup.applying import ApplicationDifference, Provenance, SetupPlan
    from ibconsole.services.setup.plans import PlanResult


def write_differences(planned: "SetupPlan") -> None:
    """Write what differs, by application: + is missing in the account, - is not in the file."""
    for one in planned.differences:
        if not one.is_empty:
            out.write_line(one.name or "(an application without a name)")
            for line in _lines(one):
                out.write_line(f"  {line}")
    out.write_notice(_summary(planned))


def write_plan(planned: "SetupPlan", account: str, *, is_stored: bool = False) -> None:
    """Write the steps of a plan, deletions apart, and what it leaves as it is."""
    from ibconsole.services.setup.plans import PlanReview, plan_text

    steps = planned.plan.steps
    if steps:
        for line in plan_text(PlanReview(planned.plan), account).splitlines():
            out.write_line(line)
    if not any(step.kind.deletes for step in steps):
        _write_extra(planned)
    if not steps:
        out.write_notice("Nothing is missing: there is nothing to do.")
    elif is_stored:
        out.write_line("")
        out.write_line(f"Plan {planned.plan.id}")


def write_result(result: "PlanResult") -> None:
    """Write what was done and what is left, and how to go on."""
    from ibconsole.services.setup.plans import Drifted

    if not result.progress:
        return
    for line in result.sentence.splitlines():
        out.write_notice(line)
    if result.left:
        # What others changed stays changed: going on would end at the same step.
        is_drifted = isinstance(result.error, Drifted)
        way = "makes a new one" if is_drifted else "with --resume goes on"
        out.write_notice(
            f"{counted(len(result.left), 'step')} left of plan {result.plan.id}; the same command"
            f" {way}."
        )


def difference_json(planned: "SetupPlan") -> dict[str, Any]:
    """Return the differences as JSON, with IDs instead of codes; URLs are redacted."""
    ids = _ids(planned)
    return {
        "differs": planned.differs,
        "applications": [_application_json(one, ids[one.code]) for one in planned.differences],
    }


def plan_json(planned: "SetupPlan") -> dict[str, Any]:
    """Return a stored plan and the differences that it was made from as JSON."""
    plan, ids = planned.plan, _ids(planned)
    return {
        "plan": plan.id if plan.steps else None,
        "title": plan.title,
        "steps": [
            {
                "number": step.number,
                "step": step.kind.value,
                "application": step.application_name,
                "applicationId": ids[step.application],
                "configuration": step.configuration,
                "action": _draft_json(step.draft) if step.draft else step.action,
                "note": step.note,
            }
            for step in plan.steps
        ],
        "notes": list(plan.notes),
        **difference_json(planned),
    }


def _ids(planned: "SetupPlan") -> dict[str, str]:
    return {one.application.code: one.application.id for one in planned.resolved}


def _write_extra(planned: "SetupPlan") -> None:
    """Write what the account has and the file has not."""
    extra = [(one.name, line) for one in planned.differences for line in _extra_lines(one)]
    if not extra:
        return
    out.write_line("")
    out.write_line("Not in the file, and left as it is (--prune deletes it):")
    for name, line in extra:
        out.write_line(f"      {name} · {line}")


def _lines(difference: "ApplicationDifference") -> Iterator[str]:
    if difference.missing_configuration:
        yield "+ configuration"
    for missing in difference.missing:
        yield f"+ {_draft_text(missing.draft)}{_known(missing.provenance, is_missing=True)}"
    for line in _extra_lines(difference):
        yield f"- {line}"


def _extra_lines(difference: "ApplicationDifference") -> Iterator[str]:
    from ibconsole.services.setup import draft_of

    for key in difference.extra_configurations:
        yield f"configuration {key}"
    for extra in difference.extra:
        known = _known(extra.provenance, is_missing=False)
        yield f"{_draft_text(draft_of(extra.action))}{known}"


def _known(provenance: "Provenance", *, is_missing: bool) -> str:
    """Return what is known of where a difference comes from; empty if nothing is."""
    from ibconsole.services.setup.applying import Provenance

    if provenance is Provenance.APPLIED:
        return " · was applied before" if is_missing else " · was in the file before"
    if provenance is Provenance.OTHER and not is_missing:
        return " · by no file that was applied here"
    return ""


def _draft_text(draft: "ActionDraft") -> str:
    from ibconsole.services.request_log import redact_url

    parts = (draft.type, redact_url(draft.forward_url), draft.callback_data)
    return " · ".join(filter(None, parts))


def _summary(planned: "SetupPlan") -> str:
    differing = [one for one in planned.differences if not one.is_empty]
    if not differing:
        return f"No difference in {counted(len(planned.differences), 'application')}."
    missing = sum(len(one.missing) + one.missing_configuration for one in differing)
    extra = sum(len(one.extra) + len(one.extra_configurations) for one in differing)
    return (
        f"{len(differing):,} of {counted(len(planned.differences), 'application')} differ:"
        f" {missing:,} missing in the account, {extra:,} not in the file."
    )


def _application_json(difference: "ApplicationDifference", identity: str) -> dict[str, Any]:
    from ibconsole.services.setup import draft_of

    return {
        "name": difference.name,
        "applicationId": identity,
        "missingConfiguration": difference.missing_configuration,
        "missing": [
            {**_draft_json(one.draft), "provenance": one.provenance.value}
            for one in difference.missing
        ],
        "extraConfigurations": list(difference.extra_configurations),
        "extra": [
            {
                **_draft_json(draft_of(one.action)),
                "key": one.action.key,
                "configuration": one.configuration,
                "provenance": one.provenance.value,
            }
            for one in difference.extra
        ],
        "unchanged": difference.unchanged,
    }


def _draft_json(draft: "ActionDraft") -> dict[str, str]:
    from ibconsole.services.request_log import redact_url

    found = draft.raw
    if draft.forward_url:
        found["forwardUrl"] = redact_url(draft.forward_url)
    return found

"""The four questions behind "why does nothing arrive?"."""

import pytest
from msgspec.structs import replace

from ibconsole.services.diagnosis.decision_tree import TreeReply, walk
from ibconsole.services.diagnosis.rules import ApplicationFacts, Facts, PullFacts
from ibconsole.services.diagnosis.rules.all_rules import diagnose
from ibconsole.services.forward_test import Cause
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.diagnosis.samples import (
    CODE,
    NOW,
    OWN,
    URL,
    account,
    answered,
    application,
    arrived,
    configured,
    forward,
    probed,
    pull,
    pulled,
    with_console,
)

YES, NO, UNKNOWN = TreeReply.YES, TreeReply.NO, TreeReply.NOT_KNOWN


@pytest.mark.parametrize(
    ("facts", "replies"),
    [
        (account(ApplicationFacts(application(), None)), (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)),
        (account(ApplicationFacts(application(), ())), (NO, UNKNOWN, UNKNOWN, UNKNOWN)),
        (account(configured()), (NO, UNKNOWN, UNKNOWN, UNKNOWN)),
        (account(configured(forward("https://10.0.0.1/in"))), (NO, UNKNOWN, UNKNOWN, UNKNOWN)),
        (account(configured(forward())), (YES, UNKNOWN, UNKNOWN, UNKNOWN)),
        (probed(), (YES, UNKNOWN, UNKNOWN, UNKNOWN)),
        (probed(Cause.REFUSED), (YES, UNKNOWN, NO, UNKNOWN)),
        (answered(Cause.STATUS_403), (YES, UNKNOWN, NO, UNKNOWN)),
        (answered(status=200), (YES, UNKNOWN, YES, UNKNOWN)),
        (with_console(owners={URL: OWN}, has_archive=True), (YES, UNKNOWN, UNKNOWN, NO)),
        (account(configured(forward(), arrivals=arrived())), (YES, YES, UNKNOWN, YES)),
        (account(configured(pull()), pulls=pulled(0)), (YES, YES, YES, NO)),
        (account(configured(pull()), pulls=pulled(0, status=401)), (YES, YES, NO, NO)),
        (account(configured(pull()), pulls=PullFacts()), (YES, UNKNOWN, UNKNOWN, NO)),
    ],
)
def test_replies(facts: Facts, replies: tuple[TreeReply, ...]) -> None:
    """Each question is answered by what is known, and by nothing else."""
    steps = walk(facts, diagnose(facts), CODE)

    assert tuple(step.reply for step in steps) == replies


@pytest.mark.parametrize("number", [1002, 1106, 1206, 1404, 1502, 1601, 1709, 1801, 1902])
def test_each_finding_belongs_to_a_question(number: int) -> None:
    """Every finding of the application and of the account is at one of the questions."""
    facts = CASES[number]
    findings = diagnose(facts)
    steps = walk(facts, findings, CODE)

    assert sorted(one.id for step in steps for one in step.findings) == sorted(
        one.id for one in findings
    )


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        (NOW + 60_000, "Yes: it is borrowed until 08:01 UTC, and leads to this computer."),
        (NOW, "Yes: it was borrowed until 08:00 UTC, and what that created is not removed yet."),
    ],
)
def test_a_borrowed_route(until: int, sentence: str) -> None:
    """The tree says until when, and that messages are meant to arrive here."""
    borrowed = replace(configured(), borrowed_until=until)
    steps = walk(account(borrowed), (), CODE)

    assert steps[0].sentence == f"{sentence} There is no other action."
    assert [steps[0].reply, steps[-1].reply] == [YES, NO]


def test_an_unknown_application() -> None:
    """An application that the account does not have has no tree."""
    with pytest.raises(LookupError):
        walk(account(), (), "other")

"""Recorded setups as a platform lists them."""

from msgspec.structs import replace

from ibconsole.model.application import read_action
from ibconsole.services.diagnosis.rules.facts import (
    ApplicationFacts,
    ConfigurationFacts,
    ReadingProblem,
)
from ibconsole.services.evidence.case_runs.population import population_of
from tests.unit.services.diagnosis.samples import account, application, configured, forward, pull

LIST = "/push/1/applications"


def test_a_setup_is_listed_as_it_was_received() -> None:
    """Objects are those of the platform, unknown fields and wrong types included."""
    odd = read_action({"key": 5, "type": "EMAIL", "callbackData": [1], "new": {"a": 1}})
    facts = account(configured(odd, pull()), ApplicationFacts(application("b"), ()))

    given = population_of(facts, (b'{"text":"x"}', b"{", b"[1]"))

    assert [one.raw["applicationCode"] for one in given.applications] == [
        "code-of-kestrel-0001",
        "b",
    ]
    [configuration] = given.applications[0].configurations
    assert configuration.raw == {"key": "C-code-of-kestrel-0001"}
    assert configuration.actions[0] == odd.raw
    assert given.messages == ({"text": "x"}, [1])
    assert given.refusals == {}


def test_what_redaction_has_parted_is_joined_again() -> None:
    """Where an object as received says less than its fields, the fields are listed."""
    hidden = replace(forward(), raw={"type": "HTTP_FORWARD", "forwardUrl": "[removed]"})
    renamed = replace(application(), code="application-1")
    facts = account(ApplicationFacts(renamed, (ConfigurationFacts("c", (hidden,)),)))

    [given] = population_of(facts).applications

    assert given.raw["applicationCode"] == "application-1"
    [action] = given.configurations[0].actions
    assert action == {"key": "F1", "type": "HTTP_FORWARD", "forwardUrl": forward().forward_url}


def test_what_could_not_be_read_is_refused() -> None:
    """Each part that was not read has the status of its time, and 404 if it was not asked for."""

    def unread(code: str, problem: ReadingProblem | None) -> ApplicationFacts:
        return ApplicationFacts(application(code), None, 1, problem)

    parts = (
        ConfigurationFacts("c", None, problem=ReadingProblem("No.", 500)),
        ConfigurationFacts("", None),
        ConfigurationFacts("d", None),
    )
    facts = account(
        unread("a", ReadingProblem("No.", 403)),
        unread("b", ReadingProblem("There was no answer.")),
        unread("c", None),
        unread("d", ReadingProblem("Odd.", 17)),
        ApplicationFacts(application("e"), parts),
    )

    assert population_of(facts).refusals == {
        f"{LIST}/a/configurations": 403,
        f"{LIST}/b/configurations": None,
        f"{LIST}/c/configurations": 404,
        f"{LIST}/d/configurations": None,
        f"{LIST}/e/configurations/c/actions": 500,
        f"{LIST}/e/configurations/d/actions": 404,
    }
    for problem, status in (
        (ReadingProblem("No.", 401), 401),
        (ReadingProblem("No key.", is_local=True), 401),
        (ReadingProblem("There was no answer."), None),
    ):
        nothing = replace(
            account(applications=None), account=replace(facts.account, problem=problem)
        )
        assert population_of(nothing).refusals == {LIST: status}

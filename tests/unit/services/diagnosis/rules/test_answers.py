"""IBC-14xx: rules about the answers to recorded tests of an endpoint."""

from ibconsole.services.diagnosis.rules.all_rules import diagnose
from ibconsole.services.diagnosis.rules.answers import _NUMBERS as ANSWERS
from ibconsole.services.diagnosis.rules.network import NUMBERS as NETWORK
from ibconsole.services.forward_test import Cause
from tests.unit.services.diagnosis.samples import HOUR, NOW, answered, numbers


def test_a_cause_has_one_number() -> None:
    """No cause is reported twice, by the probe and by the answer."""
    assert not ANSWERS.keys() & NETWORK.keys()


def test_every_cause_has_a_number() -> None:
    """No cause of the ladder is left out, but for those that say nothing about the endpoint."""
    assert set(Cause) - ANSWERS.keys() - NETWORK.keys() == {
        Cause.NONE,
        Cause.NOT_KNOWN,
        Cause.STOPPED,
        Cause.DEADLINE,
        Cause.SYNTAX,  # found by the spelling
    }


def test_the_test_is_the_evidence() -> None:
    """A finding says when the test was made, and what came."""
    [found] = diagnose(answered(Cause.STATUS_403))

    assert found.evidence[0].at == NOW - HOUR
    assert "status 403" in found.evidence[0].sentence


def test_a_good_answer() -> None:
    """An endpoint that answered 200 has no finding."""
    assert numbers(answered(status=200, seconds=4.9)) == []

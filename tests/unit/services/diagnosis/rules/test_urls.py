"""IBC-11xx: rules about the spelling of forward URLs."""

import pytest

from ibconsole.services.diagnosis.rules.all_rules import diagnose
from ibconsole.services.diagnosis.rules.urls import _NUMBERS
from ibconsole.services.forward_test import UrlFault
from tests.unit.services.diagnosis.samples import account, configured, forward, numbers


def test_every_kind_of_remark_has_a_number() -> None:
    """No remark on a URL is left out: those without a number have a rule of their own."""
    assert set(UrlFault) - set(_NUMBERS) == {
        UrlFault.NONE,
        UrlFault.LOOKALIKE,  # found for all hosts at once
        UrlFault.DUPLICATE,  # a rule about the setup
    }


def test_no_secret_in_a_finding() -> None:
    """A log-in or a token in a URL is in no part of a finding."""
    url = "https://anna:hunter2@hooks.kestrel.aero/in?token=hunter2"
    found = diagnose(account(configured(forward(url))))

    assert [one.number for one in found] == [1104, 1105]
    assert "hunter2" not in str(found)


@pytest.mark.parametrize("url", ["https://localhost/in", " https://localhost/in "])
def test_each_action_has_its_finding(url: str) -> None:
    """The same faulty URL is reported for each action that has it."""
    facts = account(configured(forward(url), code="a"), configured(forward(url), code="b"))

    assert [one.number for one in diagnose(facts)].count(1106) == 2


def test_the_rarer_of_two_hosts_is_named() -> None:
    """A host is compared with those that more actions forward to, not the other way round."""
    facts = account(
        *(configured(forward(f"https://hooks.kestrel.aero/{n}"), code=f"a{n}") for n in range(5)),
        configured(forward("https://hooks.kestrl.aero/in"), code="b"),
    )
    found = [one for one in diagnose(facts) if one.number == 1118]

    assert [one.subject.application for one in found] == ["b"]


def test_numbered_hosts_are_no_lookalikes() -> None:
    """Hosts that differ by a number are siblings."""
    facts = account(
        *(configured(forward(f"https://in{n}.kestrel.aero/in"), code=f"a{n}") for n in range(9))
    )

    assert numbers(facts) == []

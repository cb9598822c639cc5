"""IBC-12xx and IBC-13xx: rules about what a probe of an endpoint has shown."""

import pytest
from msgspec.structs import replace

from ibconsole.services.diagnosis.catalogue import Level
from ibconsole.services.diagnosis.rules.all_rules import diagnose
from ibconsole.services.diagnosis.rules.facts import EndpointFacts, Trouble
from ibconsole.services.diagnosis.rules.network import EXPIRES_SOON
from ibconsole.services.forward_test import Cause
from tests.unit.services.diagnosis.samples import (
    DAY,
    NOW,
    account,
    configured,
    forward,
    numbers,
    probed,
)


@pytest.mark.parametrize(
    ("days", "level"),
    [(EXPIRES_SOON - 1, Level.WARNING), (2, Level.ERROR), (0, Level.ERROR)],
)
def test_expiry(days: int, level: Level) -> None:
    """A certificate that ends within three weeks is a warning, within three days an error."""
    [found] = diagnose(probed(expires_at=(NOW + days * DAY + 1000) / 1000))

    assert (found.number, found.level) == (1312, level)


@pytest.mark.parametrize("days", [EXPIRES_SOON, -1])
def test_no_expiry(days: int) -> None:
    """Three weeks are enough; an expired certificate is what the handshake says it is."""
    assert numbers(probed(expires_at=(NOW + days * DAY + 1000) / 1000)) == []


def test_what_is_done_comes_from_the_probe() -> None:
    """The remedy and the vantage of the probe are those of the finding."""
    [found] = diagnose(probed(Cause.CERT_CHAIN))

    assert found.remedy == "Remedy."
    assert "from this computer" in found.evidence[0].sentence
    assert found.evidence[0].where == "hooks.kestrel.aero"


def test_a_private_host_is_not_judged_by_its_network() -> None:
    """What this computer sees of a host that the platform cannot reach says nothing."""
    url = "https://10.0.0.1/in"
    look = EndpointFacts(url, NOW, troubles=(Trouble(Cause.REFUSED, "Refused."),))
    facts = replace(account(configured(forward(url))), endpoints={url: look})

    assert numbers(facts) == [1107]

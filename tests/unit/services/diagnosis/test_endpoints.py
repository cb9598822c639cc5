"""The facts about endpoints, from probes and from recorded tests."""

import pytest
from msgspec.structs import replace

from ibconsole.services.diagnosis.endpoints import answer_facts, endpoint_facts, endpoint_key
from ibconsole.services.forward_test import (
    AddressProbe,
    Cause,
    Delivered,
    ForwardTest,
    HostNames,
    Ladder,
    Rung,
    RungKind,
    RungState,
    SentTest,
    TlsProbe,
)
from ibconsole.services.forward_test.certificates import Certificate
from ibconsole.services.forward_test.verdict import Verdict

URL = "https://hooks.kestrel.aero/in"
TEST = ForwardTest(5, URL, b"{}", Verdict(Delivered.NO, "No."), status=403)
LADDER = Ladder(
    URL,
    7,
    "from this computer",
    rungs=(
        Rung(RungKind.NAMES, RungState.PASSED, "It has an address."),
        Rung(RungKind.TLS, RungState.FAILED, "It has expired.", "Renew.", cause=Cause.CERT_EXPIRED),
        Rung(RungKind.ANSWER, RungState.FAILED, "404.", cause=Cause.STATUS_404),
    ),
    names=HostNames("hooks.kestrel.aero", ("192.0.2.1",)),
    probes=(
        AddressProbe(
            "192.0.2.1",
            "IPv4",
            tls=TlsProbe(certificates=(Certificate("CN=a", "CN=b", 1.0, 9.0),)),
        ),
        AddressProbe("192.0.2.2", "IPv4", cause=Cause.REFUSED),
    ),
)


def test_a_probe() -> None:
    """The failures before a request are those of the probe; the certificate's end is known."""
    found = endpoint_facts(URL, LADDER, TEST)

    assert [(one.cause, one.remedy) for one in found.troubles] == [(Cause.CERT_EXPIRED, "Renew.")]
    assert (found.at, found.addresses, found.expires_at) == (7, ("192.0.2.1",), 9.0)
    assert found.answer == answer_facts(TEST)


def test_a_whole_ladder() -> None:
    """A ladder that sent a request has the latest answer."""
    sent = SentTest("ours", RungKind.ANSWER, Delivered.NO, status=404, seconds=0.2)
    ladder = replace(LADDER, sent=(sent,), counts=Delivered.NO)
    answer = endpoint_facts(URL, ladder, TEST).answer

    assert answer
    assert (answer.at, answer.status) == (7, 404)
    assert [one.cause for one in answer.troubles] == [Cause.STATUS_404]


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (200, None),
        (None, None),
        (202, Cause.NOT_200_2XX),
        (307, Cause.REDIRECT),
        (304, Cause.STATUS_ODD),
        (403, Cause.STATUS_403),
        (418, Cause.STATUS_4XX),
        (502, Cause.GATEWAY_502),
        (599, Cause.STATUS_5XX),
        (999, Cause.STATUS_ODD),
    ],
)
def test_the_cause_of_a_status(status: int | None, cause: Cause | None) -> None:
    """A recorded test of any version shows its cause by its status."""
    found = answer_facts(replace(TEST, status=status))

    assert found
    assert [one.cause for one in found.troubles] == ([cause] if cause else [])


def test_the_vantage_of_a_test() -> None:
    """A test through a proxy says so."""
    found = answer_facts(replace(TEST, proxy="http://p:1"))

    assert found
    assert "the proxy http://p:1" in found.vantage


def test_a_recorded_ladder_without_a_request() -> None:
    """What stood in the way of a recorded test is known without a new probe, with its age."""
    found = endpoint_facts(URL, None, replace(TEST, status=None, ladder=LADDER))

    assert (found.at, found.answer) == (7, None)
    assert [one.cause for one in found.troubles] == [Cause.CERT_EXPIRED]


def test_keys() -> None:
    """URLs of one host and port are one endpoint; a port that is written is another one."""
    assert endpoint_key(URL) == endpoint_key("HTTPS://HOOKS.kestrel.aero/other?x=1")
    assert endpoint_key(URL) != endpoint_key("http://hooks.kestrel.aero/in")

"""First causes of single requests, and their remedies."""

import pytest

from ibconsole.http1 import RequestTrace
from ibconsole.http1.trace import Phase, RequestFailure
from ibconsole.services.forward_test.causes import (
    WARNINGS,
    cause_of,
    counts_with,
    remedy_for,
    state_of,
)
from ibconsole.services.forward_test.rungs import Cause, RungState
from ibconsole.services.forward_test.verdict import Delivered


@pytest.mark.parametrize(
    ("trace", "cause"),
    [
        (RequestTrace(status=200, version="1.1"), Cause.NONE),
        (RequestTrace(status=200, version="1.0"), Cause.HTTP_1_0),
        (RequestTrace(status=99), Cause.STATUS_ODD),
        (RequestTrace(status=599), Cause.STATUS_5XX),
        (RequestTrace(status=500, failure=RequestFailure.CUT), Cause.STATUS_500),
        (RequestTrace(failure=RequestFailure.URL), Cause.SYNTAX),
        (RequestTrace(), Cause.STOPPED),
        (RequestTrace(failure=RequestFailure.UNKNOWN_NAME), Cause.NO_SUCH_NAME),
        (RequestTrace(failure=RequestFailure.TIMEOUT), Cause.NAME_LOOKUP_FAILED),
        (RequestTrace(failure=RequestFailure.REFUSED, phase=Phase.TCP), Cause.REFUSED),
        (RequestTrace(failure=RequestFailure.UNREACHABLE, phase=Phase.TCP), Cause.UNREACHABLE),
        (
            RequestTrace(
                failure=RequestFailure.TLS, phase=Phase.TLS, tls_error="WRONG_VERSION_NUMBER"
            ),
            Cause.TLS_NOT_SPOKEN,
        ),
        (
            RequestTrace(
                failure=RequestFailure.TLS,
                phase=Phase.FIRST_BYTE,
                tls_error="TLSV13_ALERT_CERTIFICATE_REQUIRED",
            ),
            Cause.TLS_CLIENT_CERTIFICATE,
        ),
        (RequestTrace(proxy_failed=True, status=407), Cause.PROXY_LOG_IN),
        (
            RequestTrace(failure=RequestFailure.PROTOCOL, first=b"\x15\x03\x03"),
            Cause.HTTPS_EXPECTED,
        ),
    ],
)
def test_causes(trace: RequestTrace, cause: Cause) -> None:
    """A request that fails has one cause, by its status, its failure and its phase."""
    assert cause_of(trace, seconds=0.1) is cause


def test_a_slow_answer() -> None:
    """An answer that took long is a warning."""
    assert cause_of(RequestTrace(status=200, version="1.1"), seconds=9.0) is Cause.ANSWER_SLOW


def test_every_cause_has_a_remedy() -> None:
    """Each cause but none says what to do, in at most two sentences."""
    remedies = {cause: remedy_for(cause) for cause in Cause}

    assert [cause for cause, text in remedies.items() if not text] == [Cause.NONE]
    assert [text for text in remedies.values() if text.count(". ") > 1] == []
    assert [text for text in remedies.values() if text and not text.endswith(".")] == []


def test_states() -> None:
    """Warnings are causes with which messages may arrive."""
    assert state_of(Cause.NONE) is RungState.PASSED
    assert state_of(Cause.STATUS_403) is RungState.FAILED
    assert {state_of(cause) for cause in WARNINGS} == {RungState.WARNING}
    assert counts_with(Delivered.YES, Cause.LOGIN_PAGE) is Delivered.PERHAPS
    assert counts_with(Delivered.YES, Cause.HTTP_1_0) is Delivered.YES
    assert counts_with(Delivered.NO, Cause.LOGIN_PAGE) is Delivered.NO

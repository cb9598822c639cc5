"""Connections to addresses, and what a handshake shows; the zoo has the broken servers."""

import socket
import ssl
from pathlib import Path

import pytest

from ibconsole.http1 import RequestTrace
from ibconsole.http1.trace import RequestFailure
from ibconsole.services.forward_test.chains import PublicRoots
from ibconsole.services.forward_test.connecting import (
    Prober,
    Trust,
    old_tls,
    proxy_cause,
    tls_cause,
)
from ibconsole.services.forward_test.rungs import Cause
from tests.unit.services.forward_test.exhibits import GOOD, OK, ROOT
from tests.unit.services.forward_test.zoo import HOST, open_server, says


async def test_what_a_handshake_shows(tmp_path: Path) -> None:
    """Version, cipher, certificates and trust of each address are known."""
    trust = Trust(ROOT.trusting_context, PublicRoots([ROOT.certificate]))
    async with open_server(says(OK), GOOD.server_context(tmp_path)) as port:
        prober = Prober(f"https://{HOST}:{port}/", trust, 5.0)
        [open_, dead] = await prober.probe_all(
            [(socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET, ("127.0.0.2", port))]
        )

    assert (dead.cause, dead.tls, open_.is_connected) == (Cause.REFUSED, None, True)
    tls = open_.tls
    assert tls
    assert (tls.version, tls.trusted, tls.public, tls.name_matches) == ("TLSv1.3", True, True, True)
    assert (tls.accepts_old, tls.cause, len(tls.certificates)) == (False, Cause.NONE, 3)
    assert tls.certificates[0].names == (HOST,)


@pytest.mark.parametrize(
    ("trace", "cause"),
    [
        (RequestTrace(failure=RequestFailure.TUNNEL), Cause.PROXY_NOT_HTTP),
        (RequestTrace(failure=RequestFailure.TUNNEL, proxy_status=407), Cause.PROXY_LOG_IN),
        (RequestTrace(failure=RequestFailure.TUNNEL, proxy_status=403), Cause.PROXY_REFUSED),
        (RequestTrace(failure=RequestFailure.TUNNEL, proxy_status=504), Cause.PROXY_NO_CONNECTION),
        (RequestTrace(failure=RequestFailure.TLS), Cause.PROXY_TLS),
        (RequestTrace(failure=RequestFailure.TUNNEL, proxy_status=302), Cause.PROXY_REDIRECT),
        (RequestTrace(failure=RequestFailure.TUNNEL, proxy_status=511), Cause.PROXY_REDIRECT),
        (RequestTrace(failure=RequestFailure.TIMEOUT), Cause.PROXY_UNREACHABLE),
        (
            RequestTrace(failure=RequestFailure.TIMEOUT, proxy_asked=True),
            Cause.PROXY_NO_CONNECTION,
        ),
        (RequestTrace(failure=RequestFailure.CLOSED, proxy_asked=True), Cause.PROXY_BROKEN),
    ],
)
def test_proxies(trace: RequestTrace, cause: Cause) -> None:
    """A proxy's refusal has a cause by its status."""
    assert proxy_cause(trace) is cause


def test_reasons() -> None:
    """OpenSSL's names are matched by their parts; an unknown one is a failed handshake."""
    assert tls_cause("TLSV1_ALERT_PROTOCOL_VERSION") is Cause.TLS_OLD
    assert tls_cause("SSLV3_ALERT_HANDSHAKE_FAILURE") is Cause.TLS_HANDSHAKE
    assert old_tls().maximum_version is ssl.TLSVersion.TLSv1_1

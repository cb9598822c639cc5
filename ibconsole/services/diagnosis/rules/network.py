"""IBC-12xx and IBC-13xx: rules about what a probe of an endpoint has shown.

A probe looks up the name, connects to each address and shakes hands; it sends no request. The
ladder of `forward_test` judges, this file reports.
"""

from collections.abc import Iterator

from ibconsole.hosts import host_of
from ibconsole.plural import counted
from ibconsole.services.diagnosis.catalogue import Evidence, Finding, Level
from ibconsole.services.diagnosis.rules.facts import EndpointFacts, Trouble
from ibconsole.services.diagnosis.rules.index import FactsIndex, Forward, report
from ibconsole.services.forward_test import Cause

EXPIRES_SOON = 21  # days
_DAY = 86_400
NUMBERS = {
    Cause.NO_SUCH_NAME: 1201,
    Cause.NAME_LOOKUP_FAILED: 1202,
    Cause.PRIVATE_ADDRESSES: 1203,
    Cause.SOME_ADDRESSES_PRIVATE: 1204,
    Cause.IPV6_ONLY: 1205,
    Cause.REFUSED: 1206,
    Cause.UNREACHABLE: 1207,
    Cause.CONNECT_TIMEOUT: 1207,
    Cause.CONNECT_RESET: 1208,
    Cause.SOME_ADDRESSES_DEAD: 1209,
    Cause.IPV6_DEAD: 1209,
    Cause.PROXY_UNUSABLE: 1210,
    Cause.PROXY_UNREACHABLE: 1210,
    Cause.PROXY_LOG_IN: 1210,
    Cause.PROXY_REFUSED: 1210,
    Cause.PROXY_NO_CONNECTION: 1210,
    Cause.PROXY_NOT_HTTP: 1210,
    Cause.PROXY_TLS: 1210,
    Cause.PROXY_REDIRECT: 1210,
    Cause.PROXY_BROKEN: 1210,
    Cause.PROXY_NO_TUNNEL: 1210,
    Cause.TLS_NOT_SPOKEN: 1301,
    Cause.TLS_OLD: 1302,
    Cause.TLS_HANDSHAKE: 1303,
    Cause.TLS_NAME_UNKNOWN: 1303,
    Cause.TLS_TIMEOUT: 1303,
    Cause.TLS_RESET: 1303,
    Cause.TLS_CLIENT_CERTIFICATE: 1304,
    Cause.CERT_EXPIRED: 1305,
    Cause.CERT_NOT_YET: 1306,
    Cause.CERT_NAME: 1307,
    Cause.CERT_CHAIN: 1308,
    Cause.CERT_UNKNOWN_CA: 1309,
    Cause.CERT_PRIVATE_CA: 1309,
    Cause.CERT_SELF_SIGNED: 1310,
    Cause.TLS_INTERCEPTED: 1311,
    Cause.CERT_EXPIRES_SOON: 1312,
    Cause.SOME_ADDRESSES_TLS: 1313,
    Cause.CERT_WEAK: 1314,
    Cause.CERT_INVALID: 1314,
}


def find_unreachable_endpoints(index: FactsIndex) -> Iterator[Finding]:
    """Find what the latest probe of each endpoint has shown, once for each action."""
    for forward, endpoint in endpoints(index):
        reported = set()
        for trouble in endpoint.troubles:
            number = NUMBERS.get(trouble.cause)
            if number and number not in reported:
                reported.add(number)
                yield trouble_finding(index, forward, number, trouble, endpoint.at, endpoint)
        if 1312 not in reported:
            yield from _expiry(index, forward, endpoint)


def endpoints(index: FactsIndex) -> Iterator[tuple[Forward, EndpointFacts]]:
    """Yield each action that forwards with what is known of its endpoint.

    A URL that the platform cannot reach by its spelling has its own finding: what this computer
    sees of such a host says nothing.
    """
    for url, forwards in index.by_url.items():
        endpoint = index.facts.endpoints.get(url)
        if endpoint and index.is_reachable(url):
            for forward in forwards:
                yield forward, endpoint


def trouble_finding(
    index: FactsIndex,
    forward: Forward,
    number: int,
    trouble: Trouble,
    at: int | None,
    endpoint: EndpointFacts,
) -> Finding:
    """Return the finding about one cause of trouble at an endpoint."""
    where = host_of(forward.url)
    details = [Evidence(detail, at, where) for detail in trouble.details]
    seen = Evidence(f"Seen {endpoint.vantage or 'from this computer'}.", at, where)
    return report(
        number,
        index.subject_of(forward),
        trouble.sentence,
        seen,
        *details,
        remedy=trouble.remedy,
    )


def _expiry(index: FactsIndex, forward: Forward, endpoint: EndpointFacts) -> Iterator[Finding]:
    if endpoint.expires_at is None:
        return
    left = int((endpoint.expires_at - index.facts.now / 1000) // _DAY)
    if 0 <= left < EXPIRES_SOON:
        yield report(
            1312,
            index.subject_of(forward),
            f"The certificate of {host_of(forward.url)} expires in {counted(left, 'day')}.",
            Evidence(
                f"Its last day is in {counted(left, 'day')}.", endpoint.at, host_of(forward.url)
            ),
            level=Level.ERROR if left < 3 else None,
        )

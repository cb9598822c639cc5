"""IBC-11xx: rules about the spelling of forward URLs; `url_check` judges, this file reports."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ibconsole.hosts import host_of
from ibconsole.services.diagnosis.catalogue import Evidence, Finding
from ibconsole.services.diagnosis.rules.index import FactsIndex, Forward, report
from ibconsole.services.forward_test import UrlFault, UrlRemark, find_lookalikes

_NUMBERS = {
    UrlFault.SYNTAX: 1101,
    UrlFault.SPACE: 1102,
    UrlFault.PLAIN_HTTP: 1103,
    UrlFault.USER_INFO: 1104,
    UrlFault.TOKEN: 1105,
    UrlFault.LOOPBACK: 1106,
    UrlFault.PRIVATE: 1107,
    UrlFault.LINK_LOCAL: 1108,
    UrlFault.METADATA: 1109,
    UrlFault.SHARED: 1110,
    UrlFault.RESERVED: 1111,
    UrlFault.LOCAL_NAME: 1112,
    UrlFault.ADDRESS: 1113,
    UrlFault.PORT: 1114,
    UrlFault.SCHEME_PORT: 1115,
    UrlFault.FRAGMENT: 1116,
    UrlFault.HOMOGLYPH: 1117,
    UrlFault.NOT_ASCII: 1119,
    UrlFault.LENGTH: 1120,
    UrlFault.TUNNEL: 1121,
    UrlFault.PUBLIC_BIN: 1122,
    UrlFault.STAGING: 1123,
    UrlFault.TYPING: 1124,
    UrlFault.HOST_SPELLING: 1125,
    UrlFault.NO_PATH: 1126,
    UrlFault.SANDBOX: 1127,
}


def find_url_faults(index: FactsIndex) -> Iterator[Finding]:
    """Find everything that the spelling of each forward URL shows."""
    for forward in index.forwards:
        by_number: dict[int, list[UrlRemark]] = defaultdict(list)
        for remark in index.remarks(forward.url):
            if number := _NUMBERS.get(remark.fault):
                by_number[number].append(remark)
        for number, remarks in by_number.items():
            yield _finding(index, forward, number, remarks)


def find_confusable_hosts(index: FactsIndex) -> Iterator[Finding]:
    """Find hosts that look like another one which more actions of the account forward to."""
    by_host: dict[str, list[Forward]] = defaultdict(list)
    for url, forwards in index.by_url.items():
        if host := host_of(url):
            by_host[host].extend(forwards)
    for host, other in find_lookalikes(by_host).items():
        # Of two hosts used equally often both are reported: either may be the wrong one.
        if len(by_host[host]) > len(by_host.get(other, ())):
            continue
        for forward in by_host[host]:
            yield report(
                1118,
                index.subject_of(forward),
                f"The host {host} looks much like {other}, which other actions forward to.",
                Evidence("The two hosts read the same, or differ by one character."),
            )


def _finding(
    index: FactsIndex, forward: Forward, number: int, remarks: Sequence[UrlRemark]
) -> Finding:
    return report(
        number,
        index.subject_of(forward),
        remarks[0].sentence,
        *(Evidence(remark.sentence, forward.application.read_at) for remark in remarks[1:]),
        Evidence("The platform lists this URL.", forward.application.read_at),
    )

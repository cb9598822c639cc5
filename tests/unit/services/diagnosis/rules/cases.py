"""For every number an account that has this fault."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ibconsole.model import read_action
from ibconsole.services.diagnosis.rules.facts import (
    ApplicationFacts,
    ConfigurationFacts,
    DriftFacts,
    Facts,
    PullFacts,
    ReadingProblem,
    RefusedForwards,
)
from ibconsole.services.forward_test import Cause
from ibconsole.services.runtime import ListenerState, ListenerStatus
from tests.unit.services.diagnosis.samples import (
    DAY,
    HOUR,
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

OTHER = "9f0e1d2c-0000-4000-8000-000000000000"
LISTENER_URL = "https://abc.kestrel.aero/inbound/AbCdEfGhIjKlMnOp"


def _problem(status: int | None, *, is_local: bool = False) -> Facts:
    facts = account(applications=None)
    problem = ReadingProblem("It failed.", status, ("The key has expired",), is_local)
    return replace(facts, account=replace(facts.account, problem=problem))


def _on_account(facts: Facts, **fields: Any) -> Facts:
    return replace(facts, account=replace(facts.account, **fields))


def _to(url: str) -> Facts:
    return account(configured(forward(url)))


def _drifting(**fields: Any) -> Facts:
    drift = DriftFacts(examined=20, example_at=NOW, **fields)
    return account(configured(forward(), arrivals=arrived(drift=drift)))


def _arriving(**fields: Any) -> Facts:
    return account(configured(forward(), arrivals=arrived(**fields)))


def _pulling(pulls: PullFacts) -> Facts:
    return account(configured(pull()), pulls=pulls)


def _listener(**fields: Any) -> Facts:
    listening: Mapping[str, Any] = {"state": ListenerState.LISTENING}
    status = ListenerStatus(**{**listening, **fields})
    owned = configured(forward(LISTENER_URL))
    return with_console(owned, listener=status, owners={LISTENER_URL: OWN})


_SETUP: Mapping[int, Facts] = {
    1001: account(ApplicationFacts(application(), (), NOW)),
    1002: account(configured()),
    1003: account(configured(read_action({"key": "1", "type": "EMAIL"}))),
    1004: account(configured(forward(), pull())),
    1005: account(configured(forward(), forward(key="F2"))),
    1006: account(configured(forward()), configured(forward(), code="other-application-code")),
    1007: account(configured(forward(callbackData="a"), forward(key="F2", callbackData="b"))),
    1008: account(
        ApplicationFacts(
            application(),
            (ConfigurationFacts("1", (forward(),)), ConfigurationFacts("2", (forward(key="2"),))),
            NOW,
        )
    ),
    1009: _to(" "),
    1010: account(configured(pull(), pull("P2"))),
    1011: account(configured(forward(), forward(f"{URL}/2", "F2"))),
    1012: account(configured(pull(forwardUrl=URL))),
    1013: account(configured(forward(callbackData=7))),
    1014: account(ApplicationFacts(application(), None, NOW, ReadingProblem("No.", 500))),
    1015: account(configured(forward()), configured(forward())),
    1016: account(ApplicationFacts(application(registrationsCount=0))),
    1017: account(ApplicationFacts(application(apns={"enabled": False}, gcm={"enabled": False}))),
    1018: account(ApplicationFacts(application(""))),
}
_URLS: Mapping[int, Facts] = {
    1101: _to("hooks.kestrel.aero/in"),
    1102: _to("https://hooks.kestrel.aero/a b"),
    1103: _to("http://hooks.kestrel.aero/in"),
    1104: _to("https://anna:pw@hooks.kestrel.aero/in"),
    1105: _to("https://hooks.kestrel.aero/in?token=1"),
    1106: _to("https://localhost/in"),
    1107: _to("https://10.0.0.1/in"),
    1108: _to("https://169.254.9.9/in"),
    1109: _to("https://169.254.169.254/in"),
    1110: _to("https://100.64.0.1/in"),
    1111: _to("https://hooks.example/in"),
    1112: _to("https://printer.local/in"),
    1113: _to("https://93.184.215.14/in"),
    1114: _to("https://hooks.kestrel.aero:9443/in"),
    1115: _to("http://hooks.kestrel.aero:443/in"),
    1116: _to("https://hooks.kestrel.aero/in#1"),
    1117: _to("https://k\u0435strel.aero/in"),
    1118: account(
        configured(forward(), forward(f"{URL}/2", "F2")),
        configured(forward("https://h00ks.kestrel.aero/in"), code="other-application-code"),
    ),
    1119: _to("https://h\u00fcks.aero/in"),
    1120: _to(f"https://hooks.kestrel.aero/{'a' * 500}"),
    1121: _to("https://abc.ngrok.app/in"),
    1122: _to("https://webhook.site/1"),
    1123: _on_account(_to("https://staging.kestrel.aero/in"), production=True),
    1124: _to("https://hooks.kestrel.aero/in."),
    1125: _to("https://ho_oks.kestrel.aero/in"),
    1126: _to("https://hooks.kestrel.aero"),
    1127: _on_account(_to(URL), sandbox=True),
}
_NETWORK: Mapping[int, Facts] = {
    1201: probed(Cause.NO_SUCH_NAME),
    1202: probed(Cause.NAME_LOOKUP_FAILED),
    1203: probed(Cause.PRIVATE_ADDRESSES),
    1204: probed(Cause.SOME_ADDRESSES_PRIVATE),
    1205: probed(Cause.IPV6_ONLY),
    1206: probed(Cause.REFUSED),
    1207: probed(Cause.CONNECT_TIMEOUT),
    1208: probed(Cause.CONNECT_RESET),
    1209: probed(Cause.SOME_ADDRESSES_DEAD),
    1210: probed(Cause.PROXY_LOG_IN),
    1301: probed(Cause.TLS_NOT_SPOKEN),
    1302: probed(Cause.TLS_OLD),
    1303: probed(Cause.TLS_HANDSHAKE),
    1304: probed(Cause.TLS_CLIENT_CERTIFICATE),
    1305: probed(Cause.CERT_EXPIRED),
    1306: probed(Cause.CERT_NOT_YET),
    1307: probed(Cause.CERT_NAME),
    1308: probed(Cause.CERT_CHAIN),
    1309: probed(Cause.CERT_UNKNOWN_CA),
    1310: probed(Cause.CERT_SELF_SIGNED),
    1311: probed(Cause.TLS_INTERCEPTED),
    1312: probed(expires_at=(NOW + 20 * DAY) / 1000),
    1313: probed(Cause.SOME_ADDRESSES_TLS),
    1314: probed(Cause.CERT_WEAK),
}
_ANSWERS: Mapping[int, Facts] = {
    1401: answered(Cause.REDIRECT),
    1402: answered(Cause.NOT_200_2XX),
    1403: answered(Cause.STATUS_401),
    1404: answered(Cause.STATUS_403),
    1405: answered(Cause.STATUS_404),
    1406: answered(Cause.STATUS_405),
    1407: answered(Cause.STATUS_415),
    1408: answered(Cause.STATUS_429),
    1409: answered(Cause.STATUS_4XX),
    1410: answered(Cause.STATUS_500),
    1411: answered(Cause.GATEWAY_502),
    1412: answered(status=200, seconds=5.1),
    1413: answered(Cause.CHALLENGE_PAGE),
    1414: answered(Cause.LOGIN_PAGE),
    1415: answered(Cause.HTML_WITH_200),
    1416: answered(Cause.NO_ANSWER_IN_TIME, status=None),
    1417: answered(Cause.ANSWER_CUT),
    1418: answered(Cause.ANSWER_NOT_HTTP, status=None),
    1419: answered(Cause.USER_AGENT_FILTERED),
    1420: answered(Cause.DUPLICATE_REFUSED),
    1421: answered(Cause.PARALLEL_REFUSED),
    1422: answered(Cause.HTTP_1_0),
    1423: answered(Cause.ERROR_IN_200),
    1424: answered(Cause.UNSTABLE),
    1425: answered(Cause.CHUNKED_REFUSED),
    1426: answered(Cause.TUNNEL_OFF),
}
_INTAKE: Mapping[int, Facts] = {
    1501: replace(_pulling(pulled(0)), now=NOW + 40 * HOUR),
    1502: _pulling(PullFacts()),
    1503: _pulling(pulled(40, 30, 20, 10)),
    1504: _pulling(replace(pulled(0), competing="Another consumer seems to pull.")),
    1505: _pulling(pulled(0, status=401)),
    1506: _pulling(pulled(0, complete=False)),
    1507: _pulling(pulled(3)),
    1508: _pulling(pulled(0, announced=9)),
    1601: _arriving(last_at=NOW - 3 * DAY),
    1602: with_console(configured(forward()), owners={URL: OWN}, has_archive=True),
    1603: _arriving(duplicates=30),
    1604: _arriving(lag=900.0, earlier_lag=2.0),
    1605: with_console(refused=RefusedForwards(3, NOW, 404)),
    1606: _arriving(duplicates=5, doubled=5),
    1607: _arriving(connections={OTHER: 3, OWN: 1}),
    1608: _arriving(ahead=2),
    1609: account(ApplicationFacts(application(), (), NOW, arrivals=arrived())),
}
_ACCOUNT: Mapping[int, Facts] = {
    1701: _problem(None),
    1702: _problem(401),
    1703: _problem(403),
    1704: account(applications=()),
    1705: _problem(429),
    1706: _problem(503),
    1707: _problem(None, is_local=True),
    1708: _on_account(account(), base_url="https://api.infobip.com"),
    1709: with_console(clock_offset=-95.0, clock_at=NOW),
    1710: _problem(400),
    1801: _listener(state=ListenerState.STOPPED),
    1802: with_console(owners={URL: OTHER}, connections={OTHER: "Harbour"}),
    1803: with_console(configured(forward(LISTENER_URL))),
    1804: _listener(storage_error="The disk is full."),
    1805: _listener(unmatched=4, since=NOW),
    1901: _drifting(unknown={"mood": 3}),
    1902: _drifting(missing={"text": 1}),
    1903: _drifting(retyped={"messageId": 20}),
    1904: _drifting(not_messages=1),
    1905: _drifting(salvaged=2),
}
CASES: Mapping[int, Facts] = {**_SETUP, **_URLS, **_NETWORK, **_ANSWERS, **_INTAKE, **_ACCOUNT}

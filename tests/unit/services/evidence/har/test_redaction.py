"""The redaction that archives have by default."""

import pytest

from ibconsole.secret import MASK
from ibconsole.services.evidence.har.redaction import LogRedaction
from tests.unit.services.evidence.har.samples import CODE


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@x.example/in?token=abc&a=1", f"https://{MASK}@x.example/in?token={MASK}&a=1"),
        ("http://x.example/inbound/aZ3_bQ9-xY7kLm2P", f"http://x.example/inbound/{MASK}"),
        (
            "http://machine-number-12//hook/aZ3_bQ9-xY7kLm2P#a",
            f"http://machine-number-12//hook/{MASK}#a",
        ),
        ("http://x.example/messages/inbound-push", "http://x.example/messages/inbound-push"),
        (
            f"https://x.example/push/1/applications/{CODE}/configurations/0123456789abcdef",
            "https://x.example/push/1/applications/2336…el4a/configurations/0123456789abcdef",
        ),
    ],
)
def test_secrets_in_urls(url: str, shown: str) -> None:
    """Users, parameters and unguessable paths are masked; words and the platform's keys are not."""
    assert LogRedaction().redact_url(url) == shown


def test_secrets_in_headers_and_bodies() -> None:
    """Credentials are masked in any case, application codes unless they are to be readable."""
    headers = (
        ("Authorization", f"App {CODE}"),
        ("X", f"/push/1/applications/{CODE}"),
        ("X-Original-URI", "/inbound/aZ3_bQ9-xY7kLm2P"),
    )
    body = b'{"applicationCode":"%b","password":"x"}' % CODE.encode()

    masked, readable = LogRedaction(), LogRedaction(mask=False)

    assert masked.redact_headers(headers) == (
        ("Authorization", f"App {MASK}"),
        ("X", "/push/1/applications/2336…el4a"),
        ("X-Original-URI", f"/inbound/{MASK}"),
    )
    assert masked.redact_body(body, ()).decode() == (
        f'{{"applicationCode":"2336…el4a","password":"{MASK}"}}'
    )
    assert readable.redact_headers(headers)[1] == headers[1]
    assert readable.redact_body(body, ()).decode() == (
        f'{{"applicationCode":"{CODE}","password":"{MASK}"}}'
    )

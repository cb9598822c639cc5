"""The values of an archive: spelling and times."""

import json

import msgspec

from ibconsole.services.evidence.har.values import (
    HarContent,
    HarEntry,
    HarRequest,
    HarResponse,
    HarTimings,
)


def test_phases_that_did_not_take_place_take_no_time() -> None:
    """The duration of an entry leaves out -1, and TLS, which is a part of the connection."""
    assert HarTimings(dns=1, connect=5, ssl=4, wait=2.5, receive=1).total == 9.5


def test_members_are_spelled_as_the_format_says() -> None:
    """What is not set is left out; capitals and underscores are those of the format."""
    entry = HarEntry(
        started_date_time="",
        time=0,
        request=HarRequest(method="GET", url=""),
        response=HarResponse(status=0, status_text="", content=HarContent(size=0, mime_type="")),
        timings=HarTimings(),
        server_ip_address="::1",
    )

    written = json.loads(msgspec.json.encode(entry))

    assert set(written) == {
        *("startedDateTime", "time", "request", "response", "cache", "timings"),
        *("serverIPAddress", "_ibconsole"),
    }
    assert "redirectURL" in written["response"]
    assert "postData" not in written["request"]

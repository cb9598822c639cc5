"""The texts of a forward test."""

import time
from datetime import UTC

import pytest
from msgspec.structs import replace

from ibconsole.errors import Severity
from ibconsole.services.forward_test.certificates import Certificate
from ibconsole.services.forward_test.records import ForwardTest
from ibconsole.ui.forward_test.facts import answer_text, columns, status_of, summary_of
from ibconsole.ui.toolkit.times import TimeDisplay
from ibconsole.ui.viewers.facts import Summary
from tests.ui.forward_test.conftest import AT, TEST


def section(summary: Summary, title: str) -> dict[str, str]:
    return {fact.label: fact.value for name, facts in summary.sections if name == title
            for fact in facts}  # fmt: skip


def test_a_test_as_a_row() -> None:
    """A row has time, URL, answer, verdict and duration of a test."""
    time_display = TimeDisplay()
    time_display.show_utc(on=True)
    cells = [column.text(TEST) for column in columns(time_display)]

    assert cells == [
        " 5 Jan 2017 12:47", "https://a.io/in", "202 Accepted", "perhaps", "1.51 s",
    ]  # fmt: skip


def test_summary() -> None:
    """The summary has the verdict with its reasons, sizes, phases and headers."""
    summary = summary_of(TEST, UTC)

    assert (summary.title, summary.lead) == ("POST https://a.io/in", "Answered 202 Accepted")
    assert [(remark.severity, remark.sentence) for remark in summary.remarks] == [
        (Severity.WARNING, "Perhaps: 202 was answered."),
        (Severity.INFO, "Look."),
    ]
    assert section(summary, "")["Received"] == "1.4 kB, cut"
    assert section(summary, "Time per phase") == {
        "TCP": "12.5 ms",
        "First byte": "1.50 s",
        "Total": "1.51 s",
    }
    assert section(summary, "Headers of the answer") == {"Server": "x"}


def test_a_proxy_is_named_apart_from_the_target() -> None:
    """Through a proxy the address that was connected to is the proxy's, not the target's."""
    direct = section(summary_of(replace(TEST, peer="192.0.2.7:443"), UTC), "")
    proxied = replace(TEST, peer="10.0.0.1:3128", proxy="http://proxy.corp:3128")
    through = section(summary_of(proxied, UTC), "")

    assert direct["Connected to"] == "192.0.2.7:443"
    assert "Connected to" not in through
    assert through["Target"] == "a.io"
    assert through["Through the proxy"] == "http://proxy.corp:3128 at 10.0.0.1:3128"


@pytest.mark.parametrize(
    ("untrusted", "words"), [(False, "yes"), (True, "no, not by this computer's certificates")]
)
def test_certificates(*, untrusted: bool, words: str) -> None:
    """Each certificate of the chain has a section; the first says whether it is trusted."""
    end = time.time() + 10.5 * 86_400
    chain = (Certificate("a.io", "CA", 0, end, ("a.io", "b.io")), Certificate("CA", "CA", 0, end))
    test = ForwardTest(
        AT, "https://a.io", b"", TEST.verdict, certificates=chain, untrusted=untrusted
    )

    summary = summary_of(test, UTC)

    first = section(summary, "Certificate")
    assert (first["Days left"], first["For"], first["Trusted"]) == ("10", "a.io, b.io", words)
    assert section(summary, "Certificate 2 of the chain")["Issuer"] == "CA (self-signed)"


def test_no_answer() -> None:
    """A test without an answer has a dash instead of a status, and no body."""
    test = ForwardTest(AT, "https://a.io", b"", TEST.verdict, problem="It timed out.")

    assert status_of(test) == "\N{EN DASH}"
    assert summary_of(test, UTC).lead == "No answer"
    assert answer_text(test).note == "There was no answer."
    assert answer_text(TEST).text


def test_answer_without_a_body() -> None:
    """An answer without a body is distinguished from no answer."""
    test = ForwardTest(AT, "https://a.io", b"", TEST.verdict, status=204)

    assert answer_text(test).note == "The answer has no body."


def test_an_echoed_code_is_masked() -> None:
    """An endpoint that answers with what it received does not show the application's code."""
    code = "233623e3c860b49ec69a464834343481-8bj4el4a"
    echo = replace(TEST, answer=f'{{"applicationCode":"{code}"}}'.encode())

    assert code not in answer_text(echo).text

"""Whether the platform would count an answer: what is documented is told from what is not."""

import time

import pytest

from ibconsole.services.forward_test.certificates import Certificate
from ibconsole.services.forward_test.verdict import Counts, Outcome, judge

URL = "https://hooks.example.com/in"


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        (200, "yes"),
        (201, "perhaps"),
        (204, "perhaps"),
        (302, "no"),
        (400, "no"),
        (404, "no"),
        (500, "no"),
        (503, "no"),
        (100, "no"),
        (None, "no"),
    ],
)
def test_statuses(status: int | None, counts: str) -> None:
    """200 is documented; everything else is inference, and says so."""
    verdict = judge(URL, Outcome(status, problem="" if status else "Nobody there."))

    assert verdict.counts == counts
    assert verdict.documented == ("The platform expects 200.",)
    assert bool(verdict.inferred) is (status != 200)


def test_an_answer_that_was_cut() -> None:
    """A 200 that did not end well may not count."""
    verdict = judge(URL, Outcome(200, problem="The answer was cut."))

    assert verdict.counts is Counts.PERHAPS
    assert "The answer was cut." in verdict.sentence


def test_an_untrusted_certificate() -> None:
    """Nothing was sent; what the platform would do is not documented."""
    verdict = judge(URL, Outcome(None, problem="TLS failed.", untrusted=True))

    assert verdict.counts is Counts.NO
    assert "nothing was sent" in verdict.sentence
    assert "not documented" in verdict.inferred[0]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:8484/in", "its own computer"),
        ("https://10.0.0.3/in", "private network"),
        (URL, "asked from here"),
        ("https://[", ""),
    ],
)
def test_who_was_asked(url: str, words: str) -> None:
    """What answers here need not answer the platform."""
    assert words in " ".join(judge(url, Outcome(200)).remarks)


def test_what_may_go_wrong_another_day() -> None:
    """A certificate that ends soon or has ended, a slow server, a long answer."""

    def certificate(days: float) -> Certificate:
        return Certificate("a", "b", 0, time.time() + days * 86_400 + 60)

    def said(outcome: Outcome) -> str:
        return " ".join(judge(URL, outcome).remarks)

    assert "ends in 3 days" in said(Outcome(200, certificates=[certificate(3)]))
    assert "has ended" in said(Outcome(200, certificates=[certificate(-3)]))
    assert "certificate" not in said(Outcome(200, certificates=[certificate(300)]))
    assert "It took 6.0 s" in said(Outcome(200, seconds=6))
    assert "The answer is long" in said(Outcome(200, answer_size=5000))

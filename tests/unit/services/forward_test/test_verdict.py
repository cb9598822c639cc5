"""The verdict on an answer, with documented and inferred rules kept apart."""

import time

import pytest

from ibconsole.services.forward_test.certificates import Certificate
from ibconsole.services.forward_test.verdict import Delivered, ForwardOutcome, judge

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
    """Only the verdict on 200 needs no inferred rule."""
    verdict = judge(URL, ForwardOutcome(status, problem="" if status else "Connection refused."))

    assert verdict.counts == counts
    assert verdict.documented == ("The platform expects 200.",)
    assert bool(verdict.inferred) is (status != 200)


def test_incomplete_answer() -> None:
    """An incomplete answer with status 200 may not count as delivered."""
    verdict = judge(URL, ForwardOutcome(200, problem="The answer was cut."))

    assert verdict.counts is Delivered.PERHAPS
    assert "The answer was cut." in verdict.sentence


def test_untrusted_certificate() -> None:
    """With an untrusted certificate nothing is delivered; the platform's rule is not documented."""
    verdict = judge(URL, ForwardOutcome(None, problem="TLS failed.", untrusted=True))

    assert verdict.counts is Delivered.NO
    assert "nothing was sent" in verdict.sentence
    assert "not documented" in verdict.inferred[0]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:8484/in", "its own computer"),
        ("https://10.0.0.3/in", "private network"),
        (URL, "from this computer"),
        ("https://[", ""),
    ],
)
def test_reachability(url: str, words: str) -> None:
    """The verdict says that the platform may not reach what this computer reaches."""
    assert words in " ".join(judge(url, ForwardOutcome(200)).remarks)


def test_risks() -> None:
    """The verdict names an expiring or expired certificate, a slow server and a long answer."""

    def certificate(days: float) -> Certificate:
        return Certificate("a", "b", 0, time.time() + days * 86_400 + 60)

    def remarks(outcome: ForwardOutcome) -> str:
        return " ".join(judge(URL, outcome).remarks)

    assert "expires in 3 days" in remarks(ForwardOutcome(200, certificates=[certificate(3)]))
    assert "has expired" in remarks(ForwardOutcome(200, certificates=[certificate(-3)]))
    assert "certificate" not in remarks(ForwardOutcome(200, certificates=[certificate(300)]))
    assert "It took 6.0 s" in remarks(ForwardOutcome(200, seconds=6))
    assert "The answer is long" in remarks(ForwardOutcome(200, answer_size=5000))

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


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "No: 401 says that the endpoint wants authentication, and the platform sends none."),
        (403, "refuses this sender"),
        (404, "nothing at this path"),
        (405, "does not accept POST"),
        (413, "too large"),
        (415, "content type"),
        (429, "too many requests"),
        (499, "refuses the request"),
        (502, "a gateway is in front of the endpoint"),
        (530, "a gateway in front of it, has failed"),
        (304, "neither a success nor a redirect"),
        (307, "is a redirect"),
        (101, "none followed"),
        (799, "no status of HTTP"),
    ],
)
def test_meanings(status: int, words: str) -> None:
    """The verdict says what the endpoint means by its status, as a sentence."""
    sentence = judge(URL, ForwardOutcome(status)).sentence

    assert words in sentence
    assert sentence.startswith(f"No{', as far as is known' if status == 307 else ''}: {status} ")
    assert sentence.endswith(".")


def test_advice() -> None:
    """Only for a refused content does the verdict speak of lost messages; a log-in has its own."""

    def inferred(status: int) -> str:
        return " ".join(judge(URL, ForwardOutcome(status)).inferred)

    assert "Accept requests without a log-in" in inferred(401)
    assert "treated differently" in inferred(403)
    assert "cost users their messages" in inferred(422)
    assert "cost users their messages" not in inferred(404) + inferred(401) + inferred(503)


def test_proxy() -> None:
    """What a proxy refuses is no verdict on the endpoint; a plain answer may be the proxy's own."""
    refused = judge(URL, ForwardOutcome(None, "It is closed.", proxy="P", proxy_failed=True))
    plain = judge("http://hooks.example.com", ForwardOutcome(502, proxy="P (HTTP_PROXY)"))
    tunnel = judge(URL, ForwardOutcome(502, proxy="P (HTTPS_PROXY)"))

    assert refused.counts is Delivered.PERHAPS
    assert refused.sentence == "Not known: the test did not get past the proxy. It is closed."
    assert "from this computer, through the proxy P (HTTP_PROXY)." in plain.remarks[0]
    assert "may be that of the proxy P (HTTP_PROXY)" in plain.remarks[1]
    assert len(tunnel.remarks) == 1


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
        (
            "http://127.0.0.1:8484/in",
            "from this computer. The platform cannot reach 127.0.0.1.",
        ),
        ("https://10.0.0.3/in", "The platform cannot reach 10.0.0.3, which is in a private"),
        (URL, "from this computer"),
        ("https://[", ""),
    ],
)
def test_reachability(url: str, words: str) -> None:
    """The verdict says that the platform may not reach what this computer reaches."""
    assert words in " ".join(judge(url, ForwardOutcome(200)).remarks)


def test_reachability_of_the_sandbox() -> None:
    """The sandbox runs on this computer: it reaches this address, and no other."""
    local = judge("http://127.0.0.1:8484/in", ForwardOutcome(200, sandbox=True))
    remote = judge(URL, ForwardOutcome(200, sandbox=True))

    assert not local.remarks
    assert remote.remarks == (
        "The sandbox forwards to this computer only, not to hooks.example.com.",
    )


def test_risks() -> None:
    """The verdict names an expiring or expired certificate, a slow server and a long answer."""

    def certificate(days: float) -> Certificate:
        return Certificate("a", "b", 0, time.time() + days * 86_400 + 60)

    def remarks(outcome: ForwardOutcome) -> str:
        return " ".join(judge(URL, outcome).remarks)

    assert "expires in 3 days" in remarks(ForwardOutcome(200, certificates=[certificate(3)]))
    assert "expires in 1 day." in remarks(ForwardOutcome(200, certificates=[certificate(1)]))
    assert "expires within a day." in remarks(ForwardOutcome(200, certificates=[certificate(0)]))
    assert "has expired" in remarks(ForwardOutcome(200, certificates=[certificate(-3)]))
    assert "certificate" not in remarks(ForwardOutcome(200, certificates=[certificate(300)]))
    assert "It took 6.0 s" in remarks(ForwardOutcome(200, seconds=6))
    assert "The answer is long" in remarks(ForwardOutcome(200, answer_size=5000))

"""The profile in words and as JSON."""

import json

from ibconsole.secret import MASK
from ibconsole.services.forward_test.senders import BodyFraming
from ibconsole.services.sender_profile.profile import HeaderFact, SenderProfile, SourceFact
from ibconsole.services.sender_profile.report import (
    describe_profile,
    list_facts,
    profile_object,
)

LOCAL = SourceFact("10.0.0.1", 3, 9, published=False)
PROFILE = SenderProfile(
    n=4,
    first_at=1,
    last_at=9,
    headers=(
        HeaderFact("host", "a", is_constant=False, n=1, last_at=9),
        HeaderFact("X-Api-Key", "s3cret", n=4, last_at=9),
        HeaderFact("Connection", "close", n=4, last_at=9),
    ),
    framing=BodyFraming.CHUNKED,
    batches=((1, 4),),
    sources=(
        SourceFact("", 1, 9, None, by_tunnel=True),
        LOCAL,
    ),
    tunnel="ngrok",
    added=("Via",),
    examined=9,
    others=2,
    passed_over=3,
)


def test_facts_in_words() -> None:
    """Every fact is a line; what cannot be known says so; a credential is masked."""
    facts = {one.name: one.value for one in list_facts(PROFILE)}

    assert facts["Request line"] == "POST /PATH HTTP/1.1"
    assert facts["host:"] == "(of the request)"
    assert facts["X-Api-Key:"] == MASK
    assert facts["Framing"] == "chunks, one for the whole body"
    assert facts["Keeps the connection"] == "asks for close"
    assert facts["TLS"].startswith("not known")
    assert facts["Tunnel"] == "Via"
    assert "unusual" in facts["Source"]
    plain = SenderProfile(n=1, first_at=1, last_at=1, headers=(), version="HTTP/1.0")
    facts = {one.name: one.value for one in list_facts(plain)}
    assert facts["Framing"] == "Content-Length"
    assert facts["Keeps the connection"] == "no, by default"


def test_what_the_facts_rest_on() -> None:
    """The limits are stated: others, tests, the tunnel, masked and varying values."""
    text = " ".join(describe_profile(PROFILE))

    for words in ("4 of 9", "2 requests looked", "3 requests did not", "ngrok", "masked", "newest"):
        assert words in text


def test_requests_from_this_computer() -> None:
    """A simulator or a script is not taken for the platform without a word."""
    source = SourceFact("127.0.0.1", 1, 9, published=False)
    local = SenderProfile(n=1, first_at=1, last_at=1, headers=(), sources=(source,), examined=1)

    assert "not the platform's" in " ".join(describe_profile(local))
    assert "127.0.0.1, this computer" in [one.value for one in list_facts(local)]


def test_the_profile_as_json() -> None:
    """Programs get all facts, and no credential."""
    text = json.dumps(profile_object(PROFILE))

    assert "s3cret" not in text
    assert json.loads(text)["request"]["headers"][1]["masked"] is True
    assert json.loads(text)["tls"] is None


def test_facts_behind_a_tunnel_are_marked() -> None:
    """Each fact that was observed through a tunnel says so; what is not known says nothing."""
    facts = {one.name: one for one in list_facts(PROFILE)}

    assert facts["Request line"].tunnel == "ngrok"
    assert facts["TLS"].tunnel == ""

"""Texts, URLs and headers lose their secrets, and keep the rest."""

import base64

import pytest

from ibconsole.secret import MASK, Secret
from ibconsole.services.evidence.redaction.known_secrets import KnownSecret, KnownSecrets
from ibconsole.services.evidence.redaction.rules import (
    Pseudonyms,
    RedactionRules,
    Replacement,
    ReplacementKind,
)
from ibconsole.services.evidence.redaction.texts import TextRedaction, is_sensitive, secret_parts

KEY = "3f9a1c77be0240d8Qx/+a95e6f2b8c1d-4f0e7a62"
CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"
APP = "app-1"
KNOWN = KnownSecrets(
    secrets=(KnownSecret("API key", Secret(KEY)), KnownSecret("password", Secret("s3cr3t")))
)


@pytest.fixture
def texts() -> TextRedaction:
    return TextRedaction(KNOWN, RedactionRules(), Pseudonyms())


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (f"the key is {KEY}.", f"the key is {MASK}."),
        (f"the key is {KEY.upper()}.", f"the key is {MASK}."),
        (f"key={KEY.replace('/', '%2F').replace('+', '%2B')}&", f"key={MASK}&"),
        ("s3cr3t, but not S3CR3T", f"{MASK}, but not S3CR3T"),
        ("Authorization: App 0123456789abcdef", f"Authorization: App {MASK}"),
        ("sent as Bearer abc.def.123456789", f"sent as Bearer {MASK}"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", MASK),
        ('client_secret="abcdef"', f'client_secret="{MASK}"'),
        (f"application {CODE} forwards", "application app-1 forwards"),
        ("https://anna:pw@acme.example/a?b=c", f"https://{MASK}@acme.example/a?b=c"),
        ("(https://a.example/x/9f8e7d6c5b4a39281706),", f"(https://a.example/x/{MASK}),"),
        ("App started with Basic information for the Bearer", None),
        ("a text of 20 words at 12:30, see https://acme.example/docs/forwarding?page=2", None),
        ("", None),
    ],
)
def test_text(texts: TextRedaction, text: str, redacted: str | None) -> None:
    """Known secrets and what looks like one are masked; ordinary text stays."""
    assert texts.text(text, "") == (text if redacted is None else redacted)


@pytest.mark.parametrize(
    ("url", "redacted"),
    [
        ("/inbound/abcDEF123", f"/inbound/{MASK}"),
        ("/push/1/applications/my%20code/actions", "/push/1/applications/app-1/actions"),
        ("https://a.example/?appCode=abc&limit=5", "https://a.example/?appCode=app-1&limit=5"),
        ("https://a.example/?subscriberId=1&x", "https://a.example/?subscriberId=subscriber-1&x"),
        ("https://a.example/?api_key=abc&sig=1", f"https://a.example/?api_key={MASK}&sig={MASK}"),
        ("https://a.example/?next=9f8e7d6c5b4a39281706", f"https://a.example/?next={MASK}"),
        ("https://a.example/?9f8e7d6c5b4a39281706", f"https://a.example/?{MASK}"),
        ("https://a.example/#access_token=abc&x=y", f"https://a.example/#access_token={MASK}&x=y"),
        ("https://user@a.example:8443", f"https://{MASK}@a.example:8443"),
        (f"https://a.example/{KEY}", f"https://a.example/{MASK}"),
        ("https://acme.api.infobip.com/push/1/inbox/reports?limit=100", None),
        ("https://a.example/applications", None),
        ("*", None),
        ("//", None),
    ],
)  # fmt: skip
def test_url(texts: TextRedaction, url: str, redacted: str | None) -> None:
    """User info, tokens, keys and the listener's path are masked; codes become pseudonyms."""
    assert texts.url(url, "") == (url if redacted is None else redacted)


@pytest.mark.parametrize(
    ("name", "value", "redacted"),
    [
        ("Authorization", f"App {KEY}", f"App {MASK}"),
        ("authorization", "something", MASK),
        ("Cookie", "a=b", MASK),
        ("X-Api-Key", "abc", MASK),
        ("X-Hub-Signature", "sha256=abc", MASK),
        ("X-Auth", "abc", MASK),
        ("Authorization", "", ""),
        ("WWW-Authenticate", 'Basic realm="inbound"', 'Basic realm="inbound"'),
        ("Location", "https://u:p@a.example/", f"https://{MASK}@a.example/"),
        ("X-Application-Code", "abc", "app-1"),
        ("X-Application-Code", "", ""),
        ("Content-Type", "application/json", "application/json"),
    ],
)
def test_headers(texts: TextRedaction, name: str, value: str, redacted: str) -> None:
    """Credentials, cookies, keys and signatures are masked by the names of their headers."""
    assert texts.headers([(name, value)], "") == ((name, redacted),)


def test_an_identifier_is_replaced_wherever_it_occurs() -> None:
    """What one place shows to be an identifier is one everywhere, in either case and encoded."""
    texts = TextRedaction(KnownSecrets(), RedactionRules(), Pseudonyms())
    texts.learn(ReplacementKind.INSTALLATION, "installation:0001", "short")

    shown = texts.text("installation:0001 is installation%3A0001, not short", "note")

    assert shown == "installation-1 is installation-1, not short"
    texts.learn(ReplacementKind.INSTALLATION, "Installation:0001")  # another one
    shown = texts.text("INSTALLATION%3a0001, Installation:0001 and \u0130installation:0001", "note")
    assert shown == "installation-1, installation-2 and \u0130installation-1"
    assert texts.headers([("X-installation:0001", "1")], "") == (("X-installation-1", "1"),)


def test_the_longest_identifier_counts() -> None:
    """One identifier may be the beginning of another, or contain blanks."""
    texts = TextRedaction(KnownSecrets(), RedactionRules(), Pseudonyms())
    texts.learn(ReplacementKind.SUBSCRIBER, "subscriber 0001", "subscriber 00012", "another-one-1")

    shown = texts.text("xsubscriber 00012, subscriber 0001x, another-one-2", "note")

    assert shown == "xsubscriber-1, subscriber-2x, another-one-2"


@pytest.mark.parametrize(
    "rubbish", ["eyJaaaaaaaa-", "App ", "password=", "https://", "a://b@", "%%%", "applicationCode"]
)
def test_time_is_linear_in_the_text(texts: TextRedaction, rubbish: str) -> None:
    """Text that is made to be slow is as quick as any other."""
    assert texts.text(rubbish * 20_000, "")
    assert texts.url(f"/{rubbish * 20_000}", "")


def test_every_replacement_is_recorded(texts: TextRedaction) -> None:
    """The preview shows the place, the kind, what stands there now, and how often."""
    texts.text(f"{KEY} and {KEY}, {CODE}", "note 1")
    texts.headers([("Cookie", "a=b")], "message 2")

    assert texts.replacements == [
        Replacement(place="note 1", kind=ReplacementKind.SECRET, token=MASK, count=2),
        Replacement(place="note 1", kind=ReplacementKind.APPLICATION, token=APP),
        Replacement(place="message 2 Cookie", kind=ReplacementKind.CREDENTIAL, token=MASK),
    ]


def test_codes_are_guarded_like_secrets(texts: TextRedaction) -> None:
    """The final scan must not find a code that became a pseudonym, unless it is a mere word.

    Texts are searched for the first installations and subscribers, too.
    """
    texts.text(CODE, "")
    texts.learn(ReplacementKind.APPLICATION, "application_code", "ibconsole-case/1")
    texts.learn(ReplacementKind.SUBSCRIBER, *(f"subscriber {at:04} by name" for at in range(60)))

    assert [one.label for one in texts.guarded.secrets] == [
        "API key",
        "password",
        "application code of app-1",
    ]
    assert texts.leaks(base64.b64encode(b"subscriber 0049 by name"))
    assert not texts.leaks(base64.b64encode(b"subscriber 0050 by name"))


def test_without_secrets_nothing_is_searched_for() -> None:
    """An export without connections is redacted by forms and names alone."""
    texts = TextRedaction(KnownSecrets(), RedactionRules(), Pseudonyms())

    assert texts.text("a text", "") == "a text"
    assert not texts.leaks(b"a text")


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://anna:pw@a.example/x", ["pw"]),
        ("https://token@a.example/x", ["token"]),
        ("/inbound/abc", ["abc"]),
        ("https://a.example/h/9f8e7d6c5b4a39281706/x", ["9f8e7d6c5b4a39281706"]),
        (f"https://a.example/applications/{CODE}?key=abc&page=2", ["abc"]),
        ("https://a.example/?9f8e7d6c5b4a39281706#token=xyz", ["9f8e7d6c5b4a39281706", "xyz"]),
        ("https://a.example/docs?page=2", []),
        ("", []),
    ],
)
def test_secret_parts_of_a_url(url: str, parts: list[str]) -> None:
    """A forward URL's password and tokens are secrets, which the final scan looks for."""
    assert [part for part in secret_parts(url) if part] == parts


def test_names_of_credentials() -> None:
    """A name says what is a credential; a challenge is none."""
    assert is_sensitive("apiKey")
    assert is_sensitive("sig")
    assert not is_sensitive("WWW-Authenticate")
    assert not is_sensitive("signal")

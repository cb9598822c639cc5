"""Recognition of what people paste."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.secret import Secret
from ibconsole.services.pasting import recognition
from ibconsole.services.pasting.recognition import recognize
from ibconsole.services.pasting.values import PasteContext, PastedKind, PasteOffer

SAMPLES = Path(__file__).parents[3] / "samples"
ENVELOPE = (SAMPLES / "message_envelope.json").read_text(encoding="utf-8")
MESSAGE = json.dumps(json.loads(ENVELOPE)["results"][0], indent=2)
CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"
KEY = "0123456789abcdef0123456789abcdef-01234567-89ab-cdef-0123-456789abcdef"
BASE = "https://abc123.api.infobip.com"
CONTEXT = PasteContext(
    listener_paths=frozenset({"/inbound/aZ3"}),
    base_urls=frozenset({"http://127.0.0.1:8080"}),
    applications={CODE: "Shop", "custom": ""},
)
KIND = PastedKind
DO = PasteOffer


@pytest.mark.parametrize(
    ("text", "kind", "offers"),
    [
        (" \n ", KIND.NOTHING, ()),
        (CODE, KIND.CODE, (DO.SHOW_APPLICATION, DO.FIND_MESSAGES)),
        (f"“{CODE}”,", KIND.CODE, (DO.SHOW_APPLICATION, DO.FIND_MESSAGES)),
        ("<ibconsole://message?id=1>", KIND.LINK, (DO.FOLLOW_LINK,)),
        ("ibconsole://pull/now", KIND.LINK, ()),
        ("custom", KIND.CODE, (DO.SHOW_APPLICATION, DO.FIND_MESSAGES)),
        ("2336…8b53", KIND.MASKED_CODE, (DO.SHOW_APPLICATION, DO.FIND_MESSAGES)),
        ("1111...2222", KIND.MASKED_CODE, ()),
        ("233623e3c860b49ec69a464834343481-8bj4el4a", KIND.CODE, (DO.FIND_MESSAGES,)),
        (KEY, KIND.KEY_OR_CODE, (DO.FILL_CONNECTION,)),
        (f"App {KEY}", KIND.CREDENTIAL, (DO.FILL_CONNECTION,)),
        (f'Authorization: "App {KEY}"', KIND.CREDENTIAL, (DO.FILL_CONNECTION,)),
        (f"INFOBIP_API_KEY={KEY}", KIND.CREDENTIAL, (DO.FILL_CONNECTION,)),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", KIND.CREDENTIAL, (DO.FILL_CONNECTION,)),
        ("1561984815238926404", KIND.MESSAGE_ID, (DO.FIND_MESSAGES,)),
        ("69827EDB-A806-4AF6-A7F6-98298EAA4F14", KIND.MESSAGE_ID, (DO.FIND_MESSAGES,)),
        ("https://hook.example/in?a=1", KIND.FORWARD_URL, (DO.TEST_URL,)),
        ("http://10.0.0.1:8484//inbound/aZ3/", KIND.LISTENER_URL, (DO.TEST_URL,)),
        (BASE, KIND.PLATFORM_URL, (DO.FILL_CONNECTION,)),
        ("http://127.0.0.1:8080/push/1/applications", KIND.PLATFORM_URL, ()),
        (
            f"{BASE}/push/1/applications/{CODE}/configurations",
            KIND.PLATFORM_URL,
            (DO.SHOW_APPLICATION, DO.FIND_MESSAGES, DO.FILL_CONNECTION),
        ),
        ("http://[::1", KIND.TEXT, ()),
        (ENVELOPE, KIND.ENVELOPE, (DO.USE_AS_PAYLOAD, DO.FIND_MESSAGES)),
        (MESSAGE, KIND.MESSAGE, (DO.USE_AS_PAYLOAD, DO.FIND_MESSAGES)),
        (
            f"HTTP/1.1 200 OK\r\nA: b\r\n\r\n{ENVELOPE}",
            KIND.ENVELOPE,
            (DO.USE_AS_PAYLOAD, DO.FIND_MESSAGES),
        ),
        ('{"a":1}', KIND.JSON, (DO.USE_AS_PAYLOAD,)),
        ('{"log":{"entries":[]}}', KIND.HTTP_ARCHIVE, ()),
        ('{"version":1,"applications":[]}', KIND.SETUP_FILE, (DO.COMPARE_SETUP,)),
        ("# x\nversion: 1\napplications:\n  - name: Shop\n", KIND.SETUP_FILE, (DO.COMPARE_SETUP,)),
        ("Accept: */*\nAuthorization: App k3yk3yk3y", KIND.HEADERS, (DO.FILL_CONNECTION,)),
        ("Accept: */*\nHost: x", KIND.HEADERS, ()),
        ("two words", KIND.TEXT, (DO.FIND_MESSAGES,)),
        ("{not json", KIND.TEXT, (DO.FIND_MESSAGES,)),
        ("curl -v", KIND.TEXT, (DO.FIND_MESSAGES,)),
    ],
)  # fmt: skip
def test_kinds(text: str, kind: PastedKind, offers: tuple[PasteOffer, ...]) -> None:
    """Each kind is recognized, whatever surrounds it, with what may be done with it."""
    found = recognize(text, CONTEXT)

    assert (found.kind, found.offers) == (kind, offers)
    assert found.sentence.endswith(".")


def test_requests() -> None:
    """A request is described by where it goes and what it carries; the pull is never offered."""
    forward = recognize(f"curl https://hook.example/in --json '{ENVELOPE}'", CONTEXT)
    call = recognize(
        f"curl {BASE}/push/1/applications/{CODE} -H 'Authorization: App {KEY}'", CONTEXT
    )
    known = recognize(
        f"GET /push/1/applications HTTP/1.1\nHost: 127.0.0.1:8080\nAuthorization: App {KEY}",
        CONTEXT,
    )
    pull = recognize(f"curl {BASE}/push/1/inbox/reports?limit=5", CONTEXT)
    deletion = recognize("curl -X DELETE https://hook.example/in", CONTEXT)

    assert forward.offers == (DO.TEST_URL, DO.USE_AS_PAYLOAD, DO.FIND_MESSAGES)
    assert forward.request
    assert forward.request.body == ENVELOPE.encode()
    assert (call.base_url, call.code, call.secret) == (BASE, CODE, Secret(KEY))
    assert call.offers == (DO.SHOW_APPLICATION, DO.FIND_MESSAGES, DO.FILL_CONNECTION)
    assert CODE not in call.sentence
    assert known.offers == (DO.FILL_CONNECTION,)
    assert "takes messages for ever" in pull.sentence
    assert pull.offers == (DO.FILL_CONNECTION,)
    assert deletion.offers == ()
    assert "takes messages for ever" in recognize(f"{BASE}/push/1/inbox/reports").sentence


def test_codes_in_messages() -> None:
    """The code of a message, or of all of an envelope's messages, is a part of it."""
    assert recognize(ENVELOPE, CONTEXT).code == CODE
    two = '{"results":[{"messageId":"1","applicationCode":"a"},{"messageId":"2"}]}'
    found = recognize(two)
    assert (found.code, found.sentence) == ("", "These are 2 messages as the platform sends them.")
    assert recognize(f"{BASE}/push/1/applications/a%2Fb").code == "a/b"
    assert recognize("2336…8b53", CONTEXT).code == CODE


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"App {KEY}",
        f"Authorization: App {KEY}",
        f"api-key: {KEY}",
        f"curl https://x.example -H 'Authorization: App {KEY}' -b 'a={KEY}' -u me:{KEY}",
        f"curl https://me:{KEY}@x.example",
        f"GET / HTTP/1.1\nHost: x.example\nAuthorization: App {KEY}\nCookie: {KEY}",
    ],
)
def test_keys_are_shown_nowhere(text: str) -> None:
    """A key is in the secret alone: in no sentence, no text, no header and no URL."""
    found = recognize(text, CONTEXT)
    parts = [found.sentence, found.text, found.base_url, found.code, repr(found)]
    if found.request:
        request = found.request
        parts += [request.url, str(request.headers), str(request.remarks), repr(request)]

    assert found.secret == Secret(KEY)
    assert not [part for part in parts if KEY in part]


def test_limits() -> None:
    """A text of any length is answered at once: too long a one is refused."""
    assert recognize("x" * (recognition.LONGEST + 1)).kind is KIND.TOO_LARGE
    long = recognize("x " * 100_000)
    assert (long.kind, long.text, long.offers) == (KIND.TEXT, "", ())
    assert recognize("curl " + "x " * 2_000_000).kind is KIND.TEXT
    assert recognize("[" * 1_000_000).kind is KIND.TEXT


@given(st.text())
def test_any_text(text: str) -> None:
    """Any text is something."""
    assert recognize(text, CONTEXT).sentence


PARTS = [
    *("curl ", "'", '"', "\\", "\n", "^", "https://", "x.example", "/push/1/", ":", "?", "-H "),
    *("-d ", "@", "$'", "{", "}", "[", '"results":', "App ", "HTTP/1.1", "GET / ", CODE, KEY),
    *("…", "version: 1\n", "applications:\n", "[::1", "%", "\ud800", "\0"),
]


@given(
    st.lists(
        st.sampled_from(PARTS),
        max_size=12,
    ).map("".join)
)  # fmt: skip
def test_rubbish(text: str) -> None:
    """Parts of everything that is recognized, in any order, raise nothing."""
    assert recognize(text, CONTEXT).sentence

"""Links: written and read back, within bounds; any other text is one sentence."""

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.links.links import (
    ApplicationLink,
    CaseLink,
    ConnectionLink,
    FindingLink,
    InvalidLink,
    Link,
    MessageLink,
    code_digest,
    format_link,
    is_link,
    parse_link,
)

CODE = "0123456789abcdef0123456789abcdef-12345678-abcd"
CONNECTION = "6f1b5cba-3a1f-4c36-9f4e-5a2b9d1d7c10"
ARCHIVE = "00112233445566778899aabbccddeeff"
FINGERPRINT = "0123456789abcdef0123"
LINKS = {
    f"ibconsole://connection/{CONNECTION}": ConnectionLink(connection=CONNECTION),
    "ibconsole://connection/K%C3%A4stner%20%26%20Co": ConnectionLink(connection="Kästner & Co"),
    f"ibconsole://application/{code_digest(CODE)}?connection={CONNECTION}": ApplicationLink(
        digest=code_digest(CODE), connection=CONNECTION
    ),
    f"ibconsole://message/{ARCHIVE}/12?id=a%2Fb&application={code_digest(CODE)}": MessageLink(
        archive=ARCHIVE, number=12, message_id="a/b", application=code_digest(CODE)
    ),
    "ibconsole://message?id=1561984815238926404": MessageLink(message_id="1561984815238926404"),
    f"ibconsole://finding/IBC-1001/{FINGERPRINT}?connection={CONNECTION}": FindingLink(
        number=1001, fingerprint=FINGERPRINT, connection=CONNECTION
    ),
    f"ibconsole://case/{CONNECTION}": CaseLink(case=CONNECTION),
}

uuids = st.uuids().map(str)
digests = st.text("0123456789abcdef", min_size=16, max_size=16)
printable = st.text(min_size=1, max_size=60).filter(
    lambda text: text.isprintable() and text == text.strip()
)
links: st.SearchStrategy[Link] = st.one_of(
    st.builds(ConnectionLink, connection=uuids | printable.filter(lambda one: len(one) != 36)),
    st.builds(ApplicationLink, digest=digests, connection=uuids | st.just("")),
    st.builds(
        MessageLink,
        archive=st.text("0123456789abcdef", min_size=32, max_size=32),
        number=st.integers(1, 2**63 - 1),
        message_id=printable | st.just(""),
        application=digests | st.just(""),
    ),
    st.builds(MessageLink, message_id=printable, application=digests | st.just("")),
    st.builds(
        FindingLink,
        number=st.integers(0, 9999),
        fingerprint=st.text("0123456789abcdef", min_size=20, max_size=20),
        application=digests | st.just(""),
        connection=uuids | st.just(""),
    ),
    st.builds(CaseLink, case=uuids),
)


@pytest.mark.parametrize(("text", "link"), LINKS.items(), ids=range(len(LINKS)))
def test_the_form_of_each_kind(text: str, link: Link) -> None:
    """A link is written as docs/links.md has it, and read as desktops may change it."""
    shouted = text.replace("ibconsole://", "IBCONSOLE://")
    place, mark, query = text.partition("?")

    assert format_link(link) == text
    assert [parse_link(one) for one in (text, f" {text}\n", shouted)] == [link] * 3
    assert parse_link(f"{place}/{mark}{query}") == link
    assert CODE not in text


@given(links)
def test_what_is_written_is_read_back(link: Link) -> None:
    """Each link is the same after it was copied, in characters that desktops leave alone."""
    text = format_link(link)

    assert parse_link(text) == link
    assert set(text) <= set(string.ascii_letters + string.digits + ":/?&=%._~-")


NO_LINKS = [
    "ibconsole://case/" + "0" * 5_000,
    "ibconsole://connection/%ff",
    "ibconsole://connection/a%00b",
    "ibconsole://connection/a%E2%80%AEb",
    "ibconsole://connection/%20a",
    f"ibconsole://connection/{CONNECTION}?name=a",
    "ibconsole://user@connection/a",
    "ibconsole://connection:80/a",
    "ibconsole://connection/a#b",
    "ibconsole://connection/a/b/c",
    "ibconsole://message",
    f"ibconsole://message/{ARCHIVE}/0",
    f"ibconsole://message/{ARCHIVE}/9999999999999999999",
    f"ibconsole://message/{ARCHIVE}/1?id={'a' * 201}",
    "ibconsole://message?id=1&id=2",
    "ibconsole://message?id=1&application=x",
    "ibconsole://application/0123456789abcdef?connection=x",
    "ibconsole://application/0123456789abcdef?id=x",
    f"ibconsole://finding/1001/{FINGERPRINT}",
    "ibconsole://finding/IBC-1001/x",
    f"ibconsole://finding/IBC-1001/{FINGERPRINT}?application=x",
    "ibconsole://case/x",
    "ibconsole://case/" + quote("{" + CONNECTION.replace("-", "") + "}xx"),
    "ibconsole://pull/now",
    "ibconsole:pull",
    "http://case/x",
    "",
]


def test_what_is_no_link() -> None:
    """A text with anything wrong, missing or in addition is refused; no sentence repeats it."""
    sentences = {text: sentence_of(text) for text in NO_LINKS}

    assert [text for text, sentence in sentences.items() if not sentence] == []
    assert {one.partition(",")[0].partition(" than")[0] for one in sentences.values()} == {
        "This is not a valid link of ibconsole",
        "The link is longer",
        "The link is of a kind that this version of ibconsole does not know",
    }


def sentence_of(text: str) -> str:
    """Return the sentence about a text that is no link; empty for a link."""
    try:
        link = parse_link(text)
    except InvalidLink as error:
        return str(error)
    assert parse_link(format_link(link)) == link
    return ""


MUTATED = st.builds(
    lambda text, at, piece: text[: at % len(text)] + piece + text[at % len(text) :],
    st.sampled_from([*LINKS]),
    st.integers(0, 200),
    st.text('/?&=%#@:.0aZ \\"<\x00é'[:16], max_size=3),
)


@given(st.text(max_size=200) | MUTATED)
def test_any_text_is_a_link_or_a_sentence(text: str) -> None:
    """What is no link is refused with one sentence, which repeats nothing of it."""
    sentence = sentence_of(text)

    assert sentence.isprintable()
    assert not sentence or (sentence.endswith(".") and len(sentence) < 130)


def test_a_code_cannot_be_read_from_its_digest() -> None:
    """Codes that differ in one character have unlike digests, without the code's characters."""
    digests = [code_digest(CODE[:-1] + one) for one in string.hexdigits.lower()[:16]]

    assert len(set(digests)) == 16
    assert {len(one) for one in digests} == {16}


@pytest.mark.parametrize(
    ("text", "expected"), [(" IBconsole:x", True), ("ibconsole", False), ("http://x", False)]
)
def test_what_claims_to_be_a_link(text: str, expected: bool) -> None:
    """A broken link is recognized as one, so that the sentence about links is shown."""
    assert is_link(text) is expected

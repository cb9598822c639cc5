"""Application codes are masked in bodies, however these are encoded and wherever they are cut."""

import json
from base64 import b64encode, encodebytes, urlsafe_b64encode

import pytest

from ibconsole.services.request_log.body_codes import (
    MARGIN,
    cover_body_codes,
    mask_body_codes,
    mask_body_part,
)

CODE = b"233623e3c860b49ec69a464834343481-8bj4el4a"
MASK = "2336\u2026el4a".encode()
ENVELOPE = b'{"results":[{"applicationCode":"%b","to":"%b","text":"\xc3\xbc"}]}' % (CODE, CODE)


@pytest.mark.parametrize(
    "body",
    [
        b'{"applicationCode": "CODE", "to":"CODE"}',
        b'"{\\"applicationCode\\":\\"CODE\\"}"',
        b"applicationCode=CODE&x=1",
        b'POST /in HTTP/1.1\r\n\r\n{"applicationCode":"CODE","text":"\xff\xc3\xbc"}',
        b'{"applicationCode":"CODE',
        b"GET /push/1/applications/CODE/configurations?to=CODE",
        b'{"applicationCode":"two words CODE"}',
        b"{}",
        b"",
    ],
)
def test_codes_in_bodies(body: bytes) -> None:
    """Codes are masked in a body in each of its wrappings; every other byte stays."""
    masked = mask_body_codes(body.replace(b"CODE", CODE))

    mask = b"two \xe2\x80\xa6el4a" if b"two words" in body else MASK
    assert masked == body.replace(b"two words CODE", b"CODE").replace(b"CODE", mask)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("head", [b"", b"POST /in HTTP/1.1\r\n\r\n", b"x"])
def test_wide_encodings(encoding: str, head: bytes) -> None:
    """In UTF-16 and UTF-32 codes are masked too, whatever bytes precede the body."""
    text = ENVELOPE.decode()
    masked = mask_body_codes(head + text.encode(encoding))

    assert masked == head + text.replace(CODE.decode(), "2336...el4a").encode(encoding)


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode, encodebytes])
@pytest.mark.parametrize("blanks", [0, 1, 2])
def test_base64(encode: type[bytes], blanks: int) -> None:
    """In base64, the letters that hold a code are left out, and the others stay."""
    envelope = b" " * blanks + ENVELOPE
    for body in (encode(envelope), b'"%b"' % encode(envelope), b"a=" + encode(envelope)):
        masked = mask_body_codes(body)
        assert masked.count(b"\xe2\x80\xa6") == 2
        assert len(masked) < len(body) - 100
        pieces = masked.replace(b"\n", b"").split(b"\xe2\x80\xa6")
        assert all(piece in body.replace(b"\n", b"") for piece in pieces)


@pytest.mark.parametrize("cut", range(0, len(ENVELOPE) + 1, 3))
def test_parts(cut: int) -> None:
    """No part of a body shows more of a code than its mask, wherever the parts are divided."""
    filler = b" " * 5000
    body = filler + ENVELOPE + filler
    place = len(filler) + cut
    parts = (
        mask_body_part(body[: place + MARGIN], 0, place),
        mask_body_part(body[max(0, place - MARGIN) :], min(place, MARGIN), len(body)),
    )
    for part in parts:
        assert not any(CODE[start : start + 5] in part for start in range(len(CODE) - 4))
    if body[place - 1 : place + 1] in {b'"}', b'{"'}:
        assert b"".join(parts) == mask_body_codes(body)


@pytest.mark.parametrize("cut", range(5, len(CODE)))
def test_cut_bodies(cut: int) -> None:
    """The beginning of a known code at the end of what there is counts as the code."""
    body = b'{"applicationCode":"%b","to":"%b' % (CODE, CODE[:cut])

    assert mask_body_codes(body) == b'{"applicationCode":"%b","to":"\xe2\x80\xa6' % MASK


def test_masked_json_is_json() -> None:
    """A mask keeps JSON what it is."""
    assert json.loads(mask_body_codes(ENVELOPE))["results"][0]["to"] == MASK.decode()


@pytest.mark.parametrize("start", [0, 5, 30])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_covered_codes_are_as_long_as_they_were(encoding: str, start: int) -> None:
    """Offsets stay true where codes are covered, and every other byte stays."""
    body = ENVELOPE.decode().encode(encoding)
    covered = cover_body_codes(body, start, len(body))

    assert len(covered) == len(body) - start
    assert CODE.decode()[10:20].encode(encoding) not in covered
    assert covered[-9:] == body[-9:]


def test_known_codes_are_masked_everywhere() -> None:
    assert mask_body_codes(b"a %b b" % CODE, CODE) == b"a %b b" % MASK

"""Answers to a pull that are not as HTTP requires: every message that arrived is stored."""

import json
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.secret import Secret
from ibconsole.services.connections.account import account_of
from ibconsole.services.console.console import Console
from ibconsole.services.intake.archive_writer import open_archive, parse_answer
from ibconsole.services.intake.spill_file import SpilledPull, SpillFile, adopt
from ibconsole.services.runtime.paths import Paths
from tests.unit.api.loopback import KEY, Then, loopback

IDS = ("1", "2", "3")
BODY = json.dumps(
    {
        "results": [{"messageId": one, "text": f"text {one}"} for one in IDS],
        "messageCount": 3,
        "pendingMessageCount": 0,
    }
).encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
OK = b"HTTP/1.1 200 OK\r\n"


def chunked(*sizes: bytes, end: bytes = b"0\r\n\r\n", line_end: bytes = b"\r\n") -> bytes:
    """Return the body in chunks, whose sizes are written with these formats."""
    pieces = [BODY[:50], BODY[50:120], BODY[120:]]
    framed = [
        size % len(piece) + line_end + piece + line_end
        for size, piece in zip(sizes * 3, pieces, strict=False)
    ]
    return OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(framed) + end


CHUNKS = chunked(b"%x").partition(b"\r\n\r\n")[2]
ODD = {
    "a header line without a colon": OK + b"X note\r\n" + LENGTH + b"\r\n" + BODY,
    "blanks in a header name": OK + b"X Note : a\r\n" + LENGTH + b"\r\n" + BODY,
    "bytes of no character set": OK + b"X-Name: \xff\xfe\x00\r\n" + LENGTH + b"\r\n" + BODY,
    "two lengths": OK + b"Content-Length: 5\r\n" + LENGTH + b"\r\n" + BODY,
    "a length that is too short": OK + b"Content-Length: 20\r\n\r\n" + BODY,
    "a length that is no number": OK + b"Content-Length: many\r\n\r\n" + BODY,
    "lines that end with LF": (OK + LENGTH + b"\r\n").replace(b"\r\n", b"\n") + BODY,
    "an odd status line": b"HTTP/1.1 200\r\nX\r\n" + LENGTH + b"\r\n" + BODY,
    "a status line without a number": b"HTTP/1.1 OK\r\nX: y\r\n" + LENGTH + b"\r\n" + BODY,
    "a redirect to no URL": b"HTTP/1.1 308 P\r\nLocation: urn:a\r\n" + LENGTH + b"\r\n" + BODY,
    "a redirect to no host": b"HTTP/1.1 302 F\r\nLocation: //xn--/\r\n" + LENGTH + b"\r\n" + BODY,
    "no status line": BODY,
    "another protocol's name": b"ICY 200 OK\r\n" + LENGTH + b"\r\n" + BODY,
    "chunked, which is not declared": chunked(b"%x").replace(
        b"Transfer-Encoding: chunked\r\n", b""
    ),
    "a length of the chunks": OK + b"Content-Length: %d\r\n\r\n" % len(CHUNKS) + CHUNKS,
    "chunked twice": OK
    + b"Transfer-Encoding: chunked, chunked\r\n\r\n"
    + b"40\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (CHUNKS[:64], len(CHUNKS[64:]), CHUNKS[64:]),
    "an unknown transfer coding": OK + b"Transfer-Encoding: wrapped\r\n\r\n" + BODY,
    "declared but not chunked": OK + b"Transfer-Encoding: chunked\r\n\r\n" + BODY,
    "chunk sizes with blanks": chunked(b" %x ", b"%x\t"),
    "chunk sizes with 0x": chunked(b"0x%x"),
    "chunks that end with LF": chunked(b"%x", line_end=b"\n", end=b"0\n\n"),
    "no final chunk": chunked(b"%x", end=b""),
    "a garbage chunk size at the end": chunked(b"%x", end=b"zz\r\n\r\n"),
}


@pytest.mark.parametrize("kind", ODD)
async def test_odd_answer(paths: Paths, kind: str) -> None:
    """Its messages are stored, the pull is not repeated, and the bytes are kept."""
    async with loopback(Then(ODD[kind], "close")) as server, Console(paths) as console:
        await console.connect(account_of(server.url, Secret(KEY)))
        report = await console.pulls.pull(3)

    assert report.messages == 3
    assert len(server.requests) == 1
    with Reader(paths.archive) as reader:
        found = [one.text for one in reader.rows(reader.search(Filter()).ids)]
        delivery = reader.delivery(report.delivery)
        raw = reader.slice(report.delivery, 0, 1 << 20, raw=True).data
    assert sorted(found) == [f"text {one}" for one in IDS]
    assert delivery
    assert delivery.problem or report.complete
    assert KEY.encode() not in raw


@pytest.mark.parametrize("kind", ODD)
def test_every_byte_is_kept(kind: str) -> None:
    """All bytes of an odd answer are kept next to its body, unless status and headers say them."""
    for end in range(len(ODD[kind])):
        raw = ODD[kind][:end]
        parsed = parse_answer(raw)

        assert parsed.keeps_raw or parsed.body == raw or not parsed.problem
        assert parsed.keeps_raw or raw.endswith(parsed.body)
        assert not parsed.keeps_raw or parsed.problem or parsed.body != raw


@pytest.mark.parametrize("kind", ["a header line without a colon", "chunk sizes with blanks"])
def test_recovered_after_a_crash(tmp_path: Path, kind: str) -> None:
    """A program that died while such an answer arrived loses nothing either."""
    path = tmp_path / "archive.sqlite3"
    archive = open_archive(path)
    pull = archive.begin_pull(connection=None, base_url="http://127.0.0.1", limit=3)
    for start in range(0, len(ODD[kind]), 60):
        archive.append_answer(pull, ODD[kind][start : start + 60])
    archive.close()

    with open_archive(path) as again:
        recovered = again.recover()

    assert recovered.messages == 3
    with Reader(path) as reader:
        delivery = reader.delivery(pull)
    assert delivery
    assert (delivery.interrupted, delivery.status) == (True, 200)


def test_bytes_that_an_older_program_left(tmp_path: Path) -> None:
    """Version 0.1.0 stored the body without a head; such bytes are the body."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        pull = archive.begin_pull(connection=None, base_url="http://127.0.0.1", limit=3)
        archive.append_answer(pull, BODY)

    with open_archive(path) as again:
        assert again.recover().messages == 3


async def test_spilled_answer(paths: Paths, tmp_path: Path) -> None:
    """An answer that was spilled is adopted, its head read as well."""
    spill = SpillFile(SpilledPull(None, "http://127.0.0.1", 3, 0), (tmp_path,))
    spill.open(ODD["a header line without a colon"])
    spill.close()
    assert spill.path

    async with Console(paths) as console:
        decoded = await adopt(spill.path, console.writer)

    assert len(decoded.message_ids) == 3


@pytest.mark.parametrize("length", [0, 20])
async def test_late_rest(paths: Paths, length: int) -> None:
    """What arrives some time after a body of which the declared length is too short is stored."""
    head = OK + b"Content-Length: %d\r\n\r\n" % length
    then = Then(head + BODY[:length], "close", late=BODY[length:])
    async with loopback(then) as server, Console(paths) as console:
        await console.connect(account_of(server.url, Secret(KEY)))
        report = await console.pulls.pull(3)

    assert report.messages == 3


async def test_unreadable_batch(paths: Paths) -> None:
    """A pull is not complete if the server announced messages and none can be read."""
    body = b'"results" "messageCount": 3'
    whole = OK + b"Content-Length: %d\r\n\r\n" % len(body) + body
    async with loopback(Then(whole, "close")) as server, Console(paths) as console:
        await console.connect(account_of(server.url, Secret(KEY)))
        report = await console.pulls.pull(3)

    assert (report.messages, report.announced, report.complete) == (0, 3, False)


async def test_credential_divided_by_chunks(paths: Paths) -> None:
    """A credential that the framing of an answer divides is in no part of the archive."""
    body = b'{"results":[],"echo":"%b","messageCount":0}' % KEY.encode()
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    whole = OK + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n"
    async with loopback(Then(whole, "close")) as server, Console(paths) as console:
        await console.connect(account_of(server.url, Secret(KEY)))
        report = await console.pulls.pull(3)

    with Reader(paths.archive) as reader:
        stored = reader.slice(report.delivery, 0, 1 << 20).data
        raw = reader.slice(report.delivery, 0, 1 << 20, raw=True).data
    assert KEY.encode() not in stored + raw.replace(b"\r\n1\r\n", b"")
    assert b"messageCount" in stored

"""Decompression of answers, with a size limit."""

import gzip
import zlib

import pytest

from ibconsole.api.encoding import Decompressor
from ibconsole.api.errors import PlatformBroken

BODY = b'{"applications":[]}' * 100


def decompressed(encoding: str, data: bytes, *, limit: int = 1_000_000, step: int = 7) -> bytes:
    decompressor = Decompressor(encoding, limit)
    for start in range(0, len(data), step):
        decompressor.feed(data[start : start + step])
    return decompressor.finish()


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("", BODY),
        ("identity", BODY),
        ("gzip", gzip.compress(BODY, mtime=0)),
        (" GZip ", gzip.compress(BODY, mtime=0)),
        ("x-gzip", gzip.compress(BODY, mtime=0)),
        ("deflate", zlib.compress(BODY)),
    ],
)
@pytest.mark.parametrize("step", [1, 1_000_000])
def test_decompression(encoding: str, data: bytes, step: int) -> None:
    """Every common encoding is decompressed, in pieces of any size."""
    assert decompressed(encoding, data, step=step) == BODY


def test_empty_body() -> None:
    """A body without bytes is empty, even if the headers declare an encoding."""
    assert decompressed("gzip", b"") == b""


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "rubbish"])
def test_unrequested_encoding(encoding: str) -> None:
    """An encoding that was not requested, such as a nested one, is refused."""
    with pytest.raises(PlatformBroken, match="not asked for"):
        Decompressor(encoding)


@pytest.mark.parametrize("data", [b"no gzip at all", gzip.compress(BODY, mtime=0)[:-9]])
def test_damage(data: bytes) -> None:
    """A damaged or incomplete body is an error."""
    with pytest.raises(PlatformBroken, match="damaged"):
        decompressed("gzip", data)


@pytest.mark.parametrize(
    ("encoding", "data"),
    [("", b"x" * 1_001), ("gzip", gzip.compress(b"x" * 100_000_000, 1, mtime=0))],
)
def test_bombs(encoding: str, data: bytes) -> None:
    """A small body that decompresses to a huge one is stopped at the limit."""
    decompressor = Decompressor(encoding, 1_000)
    with pytest.raises(PlatformBroken, match="larger"):
        decompressor.feed(data)

    assert len(decompressor.decoded) == 1_001


def test_body_of_exactly_the_limit() -> None:
    """A body whose size equals the limit is accepted."""
    assert (
        len(decompressed("gzip", gzip.compress(b"x" * 1_000, mtime=0), limit=1_000, step=9_999))
        == 1_000
    )

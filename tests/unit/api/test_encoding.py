"""An answer is unpacked, within bounds."""

import gzip
import zlib

import pytest

from ibconsole.api.encoding import Unpacker
from ibconsole.api.errors import PlatformBroken

BODY = b'{"applications":[]}' * 100


def unpacked(encoding: str, data: bytes, *, largest: int = 1_000_000, step: int = 7) -> bytes:
    unpacker = Unpacker(encoding, largest)
    for start in range(0, len(data), step):
        unpacker.feed(data[start : start + step])
    return unpacker.finish()


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("", BODY),
        ("identity", BODY),
        ("gzip", gzip.compress(BODY)),
        (" GZip ", gzip.compress(BODY)),
        ("x-gzip", gzip.compress(BODY)),
        ("deflate", zlib.compress(BODY)),
    ],
)
@pytest.mark.parametrize("step", [1, 1_000_000])
def test_unpacking(encoding: str, data: bytes, step: int) -> None:
    """Whatever encoding is usual, the body comes out as it was, however it was cut up."""
    assert unpacked(encoding, data, step=step) == BODY


def test_nothing_in_a_package() -> None:
    """A body of no bytes is empty, also where the headers speak of an encoding."""
    assert unpacked("gzip", b"") == b""


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "rubbish"])
def test_not_asked_for(encoding: str) -> None:
    """An encoding that was not asked for, such as one inside another, is not tried."""
    with pytest.raises(PlatformBroken, match="not asked for"):
        Unpacker(encoding)


@pytest.mark.parametrize("data", [b"no gzip at all", gzip.compress(BODY)[:-9]])
def test_damage(data: bytes) -> None:
    """What was damaged on its way is not taken for the whole."""
    with pytest.raises(PlatformBroken, match="damaged"):
        unpacked("gzip", data)


@pytest.mark.parametrize(
    ("encoding", "data"), [("", b"x" * 1_001), ("gzip", gzip.compress(b"x" * 100_000_000, 1))]
)
def test_bombs(encoding: str, data: bytes) -> None:
    """A small package that unpacks to something huge is stopped at the bound."""
    unpacker = Unpacker(encoding, 1_000)
    with pytest.raises(PlatformBroken, match="larger"):
        unpacker.feed(data)

    assert len(unpacker._body) == 1_001


def test_just_within_bounds() -> None:
    """A body of exactly the bound is welcome."""
    assert len(unpacked("gzip", gzip.compress(b"x" * 1_000), largest=1_000, step=9_999)) == 1_000

"""Compressed data is inflated as it passes, within bounds; what cannot be read is reported."""

import bz2
import gzip
import io
import lzma
import random
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable

import pytest

from ibconsole.services.evidence.redaction.containers import Containers, InflationBudget, Unreadable
from ibconsole.services.evidence.redaction.decoders import Sink

NOISE = random.Random(3).randbytes(3000)  # noqa: S311 no secret
TEXT = b"a text that is compressed " + NOISE


class Inflated:
    """Everything that came out of compressed data, and all problems."""

    def __init__(self, *, size: int = 1 << 20, nesting: int = 1) -> None:
        self.content = b""
        self.problems: list[str] = []
        self.ends = 0
        self.containers = Containers(
            self.make, self.problems.append, InflationBudget(size), nesting
        )

    def make(self, name: str) -> Sink:
        self.content += f"[{name}]".encode()
        return self

    def feed(self, data: bytes, /) -> None:
        self.content += data

    def end(self) -> None:
        self.ends += 1

    def fed(self, data: bytes, size: int) -> "Inflated":
        for start in range(0, len(data), size):
            self.containers.feed(data[start : start + size])
        self.containers.end()
        return self


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_data_in_any_pieces(size: int) -> None:
    """A signature, and what follows it, may come byte by byte."""
    inflated = Inflated().fed(b"in front " + gzip.compress(TEXT) + b" behind", size)

    assert inflated.content == b"[gzip]" + TEXT
    assert inflated.ends == 1


@pytest.mark.parametrize("size", [1, 100_000])
def test_members_of_a_zip_file(size: int) -> None:
    """Each member is read by its own header; what is only stored is no compressed data."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("a", TEXT, zipfile.ZIP_DEFLATED)
        packed.writestr("b", b"stored", zipfile.ZIP_STORED)
        packed.writestr("c", b"more of it", zipfile.ZIP_BZIP2)

    inflated = Inflated().fed(file.getvalue(), size)

    assert b"[a zip file]" + TEXT in inflated.content
    assert b"more of it" in inflated.content
    assert inflated.problems == []


def test_data_that_is_cut_or_damaged_is_read_as_far_as_it_goes() -> None:
    """More of it cannot be read elsewhere either."""
    data = gzip.compress(TEXT)

    cut = Inflated().fed(data[:2000], 100_000)
    damaged = Inflated().fed(data[:2000] + bytes(2000), 100_000)
    unchecked = Inflated().fed(data[:-8] + bytes(8), 100_000)

    assert cut.content.startswith(b"[gzip]a text")
    assert damaged.content.startswith(b"[gzip]a text")
    assert unchecked.content == b"[gzip]" + TEXT
    assert damaged.problems == unchecked.problems == []


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress])
def test_damage_is_reported_where_nothing_of_the_rest_can_be_read(
    compress: Callable[[bytes], bytes],
) -> None:
    """A whole block is lost by one damaged byte, but others might repair it."""
    data = bytearray(compress(TEXT))
    data[100] ^= 1

    [problem] = Inflated().fed(bytes(data), 100_000).problems

    assert problem.endswith("data that is damaged")


def test_raw_deflate_data_begins_a_body() -> None:
    """It has no signature, so that it is looked for behind a head."""
    head = b"HTTP/1.1 200 OK\r\n\r\n"

    inflated = Inflated().fed(head + zlib.compress(TEXT, wbits=-15), 100_000)

    assert inflated.content == b"[deflate]" + TEXT


def test_bounds() -> None:
    """What grows too much or nests too deeply is reported."""
    grown = Inflated(size=1000).fed(gzip.compress(TEXT), 100_000)
    nested = Inflated(nesting=0).fed(gzip.compress(TEXT), 100_000)

    assert grown.problems == ["it grows beyond all bounds when it is decompressed"]
    assert nested.problems == ["it is compressed too many times, one within the other"]
    assert nested.content == b""


def test_data_that_begins_again_and_again_is_reported() -> None:
    """Each beginning could go on for ever; their number is bounded."""
    data = b""
    for _ in range(100):  # each within a stored block of the one before, which does not end
        size = len(data) + 1000
        data = b"\x78\x9c\x00" + struct.pack("<HH", size, size ^ 0xFFFF) + data

    many = Inflated().fed(data, 50_000)

    assert set(many.problems) == {"it has too many pieces of compressed data that overlap"}


def test_a_budget_is_refilled_for_another_item() -> None:
    """The bound is that of one item."""
    budget = InflationBudget(10)
    budget.spend(10)
    budget.refill()
    budget.spend(10)

    with pytest.raises(Unreadable):
        budget.spend(1)


def test_what_cannot_be_inflated_is_a_leak() -> None:
    """In a packaged program, which has neither bzip2 nor xz, their data are not passed over."""
    program = """
import bz2, io, lzma, sys
packed = [bz2.compress(b"x" * 99), lzma.compress(b"x" * 99)]
for name in ("bz2", "lzma"):
    sys.modules[name] = None
from ibconsole.secret import Secret
from ibconsole.services.evidence.redaction import KnownSecret, KnownSecrets, scan
secrets = KnownSecrets(secrets=(KnownSecret("key", Secret("0123456789abcdef")),))
for data in (*packed, b"nothing"):
    print(bool(scan([("item", io.BytesIO(data))], secrets)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["True", "True", "False"], "")

"""Takes the compression off an answer, with a bound on what comes out.

A few kilobytes can unpack to gigabytes, so the bound holds while unpacking, not afterwards.
"""

import zlib

from ibconsole.api.errors import PlatformBroken

ACCEPTED = "gzip"
LARGEST_ANSWER = 64 * 1024 * 1024


class Unpacker:
    """Collects a body piece by piece, in one of the encodings that we accept.

    Raises PlatformBroken for an encoding that was not asked for, for what is damaged, and
    as soon as more than `largest` bytes have come out.
    """

    def __init__(self, encoding: str, largest: int = LARGEST_ANSWER) -> None:
        self._largest = largest
        self._body = bytearray()
        self._unpack = None
        if encoding.strip().lower() in {"gzip", "x-gzip", "deflate"}:
            # 32: tell a gzip header from a zlib header.
            self._unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)
        elif encoding.strip().lower() not in {"", "identity"}:
            raise PlatformBroken(
                "The platform's answer is packed in a way that was not asked for, so that it"
                " cannot be read. Try again later."
            )

    def feed(self, data: bytes) -> None:
        """Add a piece as it came over the wire."""
        if self._unpack:
            try:
                data = self._unpack.decompress(data, self._largest - len(self._body) + 1)
            except zlib.error:
                raise _damaged() from None
        self._body += data
        if len(self._body) > self._largest:
            raise PlatformBroken(
                f"The platform's answer is larger than {self._largest // 1_048_576} MB, more than"
                " any that is expected; the rest was not read. Check the base URL."
            )

    @property
    def so_far(self) -> bytes:
        """As much of the body as came, however it ended."""
        return bytes(self._body)

    def finish(self) -> bytes:
        """The whole body."""
        if self._unpack and self._body and not self._unpack.eof:
            raise _damaged()
        return bytes(self._body)


def _damaged() -> PlatformBroken:
    return PlatformBroken(
        "The platform's answer was damaged on its way and cannot be read. Try again."
    )

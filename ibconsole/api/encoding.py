"""Decompression of answers, with a limit on the size of the output.

A few kilobytes can decompress to gigabytes, so the limit is checked while decompressing, not
afterwards.
"""

import zlib

from ibconsole.api.errors import PlatformBroken

ACCEPTED = "gzip"
MAX_ANSWER = 64 * 1024 * 1024


class Decompressor:
    """A body collected piece by piece, in one of the accepted encodings.

    Raises PlatformBroken for an encoding that was not requested, for damaged data, and as soon
    as the output exceeds `limit` bytes.
    """

    def __init__(self, encoding: str, limit: int = MAX_ANSWER) -> None:
        self._limit = limit
        self._body = bytearray()
        self._decompressor = None
        if encoding.strip().lower() in {"gzip", "x-gzip", "deflate"}:
            # 32: detect whether the header is gzip's or zlib's.
            self._decompressor = zlib.decompressobj(zlib.MAX_WBITS | 32)
        elif encoding.strip().lower() not in {"", "identity"}:
            raise PlatformBroken(
                "The platform's answer is compressed in a way that was not asked for, so it"
                " cannot be read. Try again later."
            )

    def feed(self, data: bytes) -> None:
        """Add a piece as received."""
        if self._decompressor:
            try:
                data = self._decompressor.decompress(data, self._limit - len(self._body) + 1)
            except zlib.error:
                raise _damaged_answer() from None
        self._body += data
        if len(self._body) > self._limit:
            raise PlatformBroken(
                f"The platform's answer is larger than {self._limit // 1_048_576} MB, more than"
                " any that is expected; the rest was not read. Check the base URL."
            )

    @property
    def decoded(self) -> bytes:
        """The part of the body decompressed until now."""
        return bytes(self._body)

    def finish(self) -> bytes:
        """Return the complete body; raises PlatformBroken if its end is missing."""
        if self._decompressor and self._body and not self._decompressor.eof:
            raise _damaged_answer()
        return bytes(self._body)


def _damaged_answer() -> PlatformBroken:
    return PlatformBroken(
        "The platform's answer was damaged on its way and cannot be read. Try again."
    )

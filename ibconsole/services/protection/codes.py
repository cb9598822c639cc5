"""Application codes in what is shown and written: readable, or masked because a policy says so.

The only module that knows whether a code may leave the program readable: whatever shows, copies or
writes one takes it from `ShownCodes`. A code is the mobile SDK's credential (platform.md §3).
"""

from typing import TYPE_CHECKING, Any

import msgspec

from ibconsole.api import NotPermitted
from ibconsole.lazy import LazyModule, lazy_pattern
from ibconsole.text import mask_code

if TYPE_CHECKING:
    from ibconsole import model
    from ibconsole.services import request_log
else:  # only where codes are masked
    model = LazyModule("ibconsole.model")
    request_log = LazyModule("ibconsole.services.request_log")

# What looks like a code, in a place where its name or its application is not known.
_SHAPE = rb"(?i)(?<![0-9a-z])[0-9a-f]{32}-[0-9a-z]{8}(?:-[0-9a-z-]{22,27})?(?![0-9a-z])"
_BY_SHAPE = lazy_pattern(_SHAPE)
_TEXT_BY_SHAPE = lazy_pattern(_SHAPE.decode())


class ShownCodes(msgspec.Struct, frozen=True):
    """Application codes as they may be shown.

    `why_masked` is a sentence on the policy that masks them; empty if they may be readable. Then
    every method returns what it is given.
    """

    why_masked: str = ""

    @property
    def masked(self) -> bool:
        """True if no code may be readable."""
        return bool(self.why_masked)

    def require(self, act: str) -> None:
        """Raise NotPermitted if codes are masked; `act` begins the sentence."""
        if self.masked:
            raise NotPermitted(f"{act} is not permitted on this computer. {self.why_masked}")

    def code(self, code: str) -> str:
        """Return a code, or its mask."""
        return mask_code(code) if self.masked else code

    def text(self, text: str, *codes: str) -> str:
        """Return a text with its codes shown so: `codes`, named ones, and what looks like one."""
        if not self.masked:
            return text
        masked = request_log.mask_codes(text, codes, mask_code)
        return _TEXT_BY_SHAPE.sub(lambda found: mask_code(found[0]), masked)

    def body(self, data: bytes, *codes: str) -> bytes:
        """Return bytes of any kind with the codes in them shown as those of a text."""
        if not self.masked:
            return data
        known = (code.encode("utf-8", "surrogatepass") for code in codes)
        masked = request_log.mask_body_codes(data, *known)
        return _BY_SHAPE.sub(lambda found: mask_code(found[0].decode()).encode(), masked)

    def value(self, value: Any, *codes: str) -> Any:
        """Return a JSON value with the codes in it shown as those of a text."""
        if not self.masked:
            return value
        return model.parse(self.body(model.encode(value), *codes))

"""Application codes in the window: masked until the user reveals them, where the policy permits it.

A widget that reveals or copies codes holds the `CodeDisplay` and asks it at each use, so that none
stays readable when a policy comes while the window is open.
"""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from ibconsole.services.protection import ShownCodes
from ibconsole.text import mask_code

BY_ADMINISTRATOR = "set by your administrator"


class CodeDisplay(QObject):
    """The rule by which the window shows codes; `changed` is emitted when it changes.

    Without a policy codes may be revealed.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rule = ShownCodes()

    @property
    def why_masked(self) -> str:
        """A sentence for what would reveal codes; empty if they may be revealed."""
        why = self._rule.why_masked
        return f"Application codes stay masked. {why}" if why else ""

    def follow_policy(self, why_masked: str) -> None:
        """Show codes as a policy permits, of which `Status.why_codes_masked` is the sentence."""
        if why_masked != self._rule.why_masked:
            self._rule = ShownCodes(why_masked)
            self.changed.emit()

    def reveals(self, *, wanted: bool) -> bool:
        """Return whether codes are readable where the user wants them to be."""
        return wanted and not self._rule.masked

    def code(self, code: str) -> str:
        """Return a code for the clipboard or a search; its mask if it may not be read."""
        return self._rule.code(code)

    def body(self, body: bytes) -> bytes:
        """Return a body to be copied or sent; with masks if its codes may not be read."""
        return self._rule.body(body)

    def typed(self, text: str, codes: Iterable[str]) -> str:
        """Return a text to search for; a whole one of `codes` finds what has its mask."""
        return mask_code(text) if self._rule.masked and text in codes else text

"""Records and their extras for tests of tables."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    id: int


@dataclass(frozen=True)
class LineExtras:
    id: int
    texts: Sequence[str] = ()
    rule: int = -1

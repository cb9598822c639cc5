"""Answers of rules in the archive: what was planned for a forward, and what was really sent."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.answers.given import (
        BODY_KEPT,
        add_given,
        add_planned,
        delete_given,
        read_given,
        set_sent,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {"given": "BODY_KEPT add_given add_planned delete_given read_given set_sent"},
    )

__all__ = [
    "BODY_KEPT",
    "add_given",
    "add_planned",
    "delete_given",
    "read_given",
    "set_sent",
]

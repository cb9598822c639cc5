"""Comparisons: the values of a comparison of any two things, and the comparison of two bodies."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.comparison.bodies import (
        ComparedBody,
        compare_bodies,
        describe_comparison,
    )
    from ibconsole.services.comparison.comparison import (
        MASKED,
        ComparedBy,
        ComparedValue,
        RowComparison,
        Side,
        clip_pair,
    )
    from ibconsole.services.comparison.stored import (
        NothingToCompare,
        StoredComparer,
        StoredKind,
        compare_stored,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "bodies": "ComparedBody compare_bodies describe_comparison",
            "comparison": "MASKED ComparedBy ComparedValue RowComparison Side clip_pair",
            "stored": "NothingToCompare StoredComparer StoredKind compare_stored",
        },
    )

__all__ = [
    "MASKED",
    "ComparedBody",
    "ComparedBy",
    "ComparedValue",
    "NothingToCompare",
    "RowComparison",
    "Side",
    "StoredComparer",
    "StoredKind",
    "clip_pair",
    "compare_bodies",
    "compare_stored",
    "describe_comparison",
]

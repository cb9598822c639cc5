"""The retry law, which the redelivery follows and the retry simulation predicts with."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.retry_law.law import (
        NO_RETRIES,
        PRESET_LAWS,
        PUBLISHED_LAW,
        InvalidLaw,
        RetryLaw,
        law_json,
        law_of,
        read_law,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "law": (
                "NO_RETRIES PRESET_LAWS PUBLISHED_LAW InvalidLaw RetryLaw law_json law_of read_law"
            ),
        },
    )

__all__ = [
    "NO_RETRIES",
    "PRESET_LAWS",
    "PUBLISHED_LAW",
    "InvalidLaw",
    "RetryLaw",
    "law_json",
    "law_of",
    "read_law",
]

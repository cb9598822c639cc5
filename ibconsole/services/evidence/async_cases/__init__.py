"""Cases as the window awaits them: every call runs on a thread of its own."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.evidence.async_cases.async_cases import (
        AsyncCases,
        PinnedItems,
        RemovedItem,
    )
    from ibconsole.services.evidence.async_cases.async_exports import (
        AsyncExports,
        NoSavedAccounts,
    )
    from ibconsole.services.evidence.async_cases.pinning_work import (
        PinningWork,
        deliveries_to_pin,
        findings_to_pin,
        messages_to_pin,
        requests_to_pin,
        setup_to_pin,
        timeline_to_pin,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "async_cases": "AsyncCases PinnedItems RemovedItem",
            "async_exports": "AsyncExports NoSavedAccounts",
            "pinning_work": (
                "PinningWork deliveries_to_pin findings_to_pin messages_to_pin "
                "requests_to_pin setup_to_pin timeline_to_pin"
            ),
        },
    )

__all__ = [
    "AsyncCases",
    "AsyncExports",
    "NoSavedAccounts",
    "PinnedItems",
    "PinningWork",
    "RemovedItem",
    "deliveries_to_pin",
    "findings_to_pin",
    "messages_to_pin",
    "requests_to_pin",
    "setup_to_pin",
    "timeline_to_pin",
]

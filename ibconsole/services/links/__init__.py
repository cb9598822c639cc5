"""Links to what a window shows (`ibconsole://…`, docs/links.md), and the window that takes them.

A link selects and shows. It has no part that could change, pull or send anything, and no secret:
an application is named by a hash of its code. `parse_link` and `format_link` are pure.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.links.handover import (
        WindowRequest,
        WindowUnresponsive,
        hand_over,
        request_of,
    )
    from ibconsole.services.links.links import (
        LONGEST,
        ApplicationLink,
        CaseLink,
        ConnectionLink,
        FindingLink,
        InvalidLink,
        Link,
        MessageLink,
        code_digest,
        format_link,
        is_link,
        parse_link,
    )
    from ibconsole.services.links.lookup import LinkLookup, MessageNames, choose_finding
    from ibconsole.services.links.window_server import WindowServer
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "handover": "WindowRequest WindowUnresponsive hand_over request_of",
            "links": (
                "LONGEST ApplicationLink CaseLink ConnectionLink FindingLink InvalidLink Link "
                "MessageLink code_digest format_link is_link parse_link"
            ),
            "lookup": "LinkLookup MessageNames choose_finding",
            "window_server": "WindowServer",
        },
    )

__all__ = [
    "LONGEST",
    "ApplicationLink",
    "CaseLink",
    "ConnectionLink",
    "FindingLink",
    "InvalidLink",
    "Link",
    "LinkLookup",
    "MessageLink",
    "MessageNames",
    "WindowRequest",
    "WindowServer",
    "WindowUnresponsive",
    "choose_finding",
    "code_digest",
    "format_link",
    "hand_over",
    "is_link",
    "parse_link",
    "request_of",
]

"""Messages, findings and forward tests as the plain text that Infobip's support asks for."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.evidence.support.ticket_text import (
        MOST_LISTED,
        SupportChoices,
        SupportFinding,
        SupportMessage,
        SupportTest,
        finding_of,
        followed_messages,
        forward_test_of,
        message_of,
        support_text,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "ticket_text": (
                "MOST_LISTED SupportChoices SupportFinding SupportMessage SupportTest "
                "finding_of followed_messages message_of support_text forward_test_of"
            ),
        },
    )

__all__ = [
    "MOST_LISTED",
    "SupportChoices",
    "SupportFinding",
    "SupportMessage",
    "SupportTest",
    "finding_of",
    "followed_messages",
    "forward_test_of",
    "message_of",
    "support_text",
]

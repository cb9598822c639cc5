"""The platform as a sender, learned from the forwards of the archive."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.sender_profile.learning import learn_sender
    from ibconsole.services.sender_profile.profile import SenderProfile, day_and_time
    from ibconsole.services.sender_profile.report import (
        NOTHING,
        SenderFact,
        describe_profile,
        list_facts,
        profile_object,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "learning": "learn_sender",
            "profile": "SenderProfile day_and_time",
            "report": "NOTHING SenderFact describe_profile list_facts profile_object",
        },
    )

__all__ = [
    "NOTHING",
    "SenderFact",
    "SenderProfile",
    "day_and_time",
    "describe_profile",
    "learn_sender",
    "list_facts",
    "profile_object",
]

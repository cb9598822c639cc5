"""The platform as a sender, learned from the forwards of the archive."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.sender_profile.learning import learn_sender
    from ibconsole.services.sender_profile.profile import SenderProfile, day_and_time
    from ibconsole.services.sender_profile.report import (
        HOW_TO_LEARN,
        NOTHING,
        SenderFact,
        describe_profile,
        list_facts,
        profile_json,
        profile_object,
        save_profile,
    )
    from ibconsole.services.sender_profile.unknowns import PlatformUnknown, learn_unknowns
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "learning": "learn_sender",
            "profile": "SenderProfile day_and_time",
            "report": (
                "HOW_TO_LEARN NOTHING SenderFact describe_profile list_facts profile_json "
                "profile_object save_profile"
            ),
            "unknowns": "PlatformUnknown learn_unknowns",
        },
    )

__all__ = [
    "HOW_TO_LEARN",
    "NOTHING",
    "PlatformUnknown",
    "SenderFact",
    "SenderProfile",
    "day_and_time",
    "describe_profile",
    "learn_sender",
    "learn_unknowns",
    "list_facts",
    "profile_json",
    "profile_object",
    "save_profile",
]

"""Cases: what was pinned for a ticket, kept with copies of everything, and exported as one bundle.

An item never refers to the archive: retention cannot empty a case.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.evidence.cases.documents import (
        LATEST_TIME,
        CaseDamaged,
        CaseError,
        CaseTooNew,
        decode_case,
        encode_case,
    )
    from ibconsole.services.evidence.cases.pinning import NotPinned, PinReader, Pins
    from ibconsole.services.evidence.cases.store import (
        LARGEST_BLOB,
        CaseStore,
        CaseSummary,
        NoSuchCase,
    )
    from ibconsole.services.evidence.cases.values import (
        PICTURE_TYPE,
        AnyContent,
        Blob,
        Case,
        CaseContent,
        CaseItem,
        FindingContent,
        ForwardContent,
        ForwardTestContent,
        MessageContent,
        NoteContent,
        PictureContent,
        PullContent,
        Recording,
        ReplacedCount,
        SetupContent,
        TimelineContent,
        json_schema,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "documents": "LATEST_TIME CaseDamaged CaseError CaseTooNew decode_case encode_case",
            "pinning": "NotPinned PinReader Pins",
            "store": "LARGEST_BLOB CaseStore CaseSummary NoSuchCase",
            "values": (
                "AnyContent Blob Case CaseContent CaseItem FindingContent ForwardContent "
                "PICTURE_TYPE "
                "ForwardTestContent MessageContent NoteContent PictureContent PullContent "
                "Recording ReplacedCount SetupContent TimelineContent json_schema"
            ),
        },
    )

__all__ = [
    "LARGEST_BLOB",
    "LATEST_TIME",
    "PICTURE_TYPE",
    "AnyContent",
    "Blob",
    "Case",
    "CaseContent",
    "CaseDamaged",
    "CaseError",
    "CaseItem",
    "CaseStore",
    "CaseSummary",
    "CaseTooNew",
    "FindingContent",
    "ForwardContent",
    "ForwardTestContent",
    "MessageContent",
    "NoSuchCase",
    "NotPinned",
    "NoteContent",
    "PictureContent",
    "PinReader",
    "Pins",
    "PullContent",
    "Recording",
    "ReplacedCount",
    "SetupContent",
    "TimelineContent",
    "decode_case",
    "encode_case",
    "json_schema",
]

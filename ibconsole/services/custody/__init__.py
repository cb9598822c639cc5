"""Custody records: files that prove the way of a message, from its pull to its acknowledgement."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.custody.exporting import (
        CustodyContent,
        MadeRecord,
        NoCustody,
        find_message,
        make_record,
    )
    from ibconsole.services.custody.record import (
        LARGEST_RECORD,
        CustodyRecord,
        InvalidRecord,
        encode_record,
    )
    from ibconsole.services.custody.reporting import custody_lines, custody_object
    from ibconsole.services.custody.verifying import (
        CustodyVerification,
        verify_file,
        verify_record,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "exporting": "CustodyContent MadeRecord NoCustody find_message make_record",
            "record": "LARGEST_RECORD CustodyRecord InvalidRecord encode_record",
            "reporting": "custody_lines custody_object",
            "verifying": "CustodyVerification verify_file verify_record",
        },
    )

__all__ = [
    "LARGEST_RECORD",
    "CustodyContent",
    "CustodyRecord",
    "CustodyVerification",
    "InvalidRecord",
    "MadeRecord",
    "NoCustody",
    "custody_lines",
    "custody_object",
    "encode_record",
    "find_message",
    "make_record",
    "verify_file",
    "verify_record",
]

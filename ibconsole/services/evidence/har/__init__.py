"""HTTP archives, HAR 1.2: requests, pulls, forwards and tests out, messages and payloads in.

What is written is redacted, and says where something of it is missing.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.evidence.har.building import instant_text
    from ibconsole.services.evidence.har.importing import (
        HarImport,
        HarTransfer,
        delivery_of,
        import_har,
        import_har_file,
        is_masked,
        payload_of,
    )
    from ibconsole.services.evidence.har.reading import (
        HarDocument,
        HarUnreadable,
        ReadExchange,
        read_har,
    )
    from ibconsole.services.evidence.har.redaction import ExchangeRedaction, LogRedaction
    from ibconsole.services.evidence.har.sources import (
        StoredExchange,
        delivery_entry,
        forward_test_entry,
        request_entry,
    )
    from ibconsole.services.evidence.har.values import HarEntry
    from ibconsole.services.evidence.har.writing import (
        HarOptions,
        HarSummary,
        HarWriter,
        export_deliveries,
        export_tests,
        har_writer,
        save_requests,
        save_test,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "building": "instant_text",
            "importing": (
                "HarImport HarTransfer delivery_of import_har import_har_file is_masked payload_of"
            ),
            "reading": "HarDocument HarUnreadable ReadExchange read_har",
            "redaction": "ExchangeRedaction LogRedaction",
            "sources": "StoredExchange delivery_entry forward_test_entry request_entry",
            "values": "HarEntry",
            "writing": (
                "HarOptions HarSummary HarWriter export_deliveries export_tests har_writer "
                "save_requests save_test"
            ),
        },
    )

__all__ = [
    "ExchangeRedaction",
    "HarDocument",
    "HarEntry",
    "HarImport",
    "HarOptions",
    "HarSummary",
    "HarTransfer",
    "HarUnreadable",
    "HarWriter",
    "LogRedaction",
    "ReadExchange",
    "StoredExchange",
    "delivery_entry",
    "delivery_of",
    "export_deliveries",
    "export_tests",
    "forward_test_entry",
    "har_writer",
    "import_har",
    "import_har_file",
    "instant_text",
    "is_masked",
    "payload_of",
    "read_har",
    "request_entry",
    "save_requests",
    "save_test",
]

"""Bundles: a case exported as one folder or zip file, redacted and scanned, and read again.

A bundle that came from elsewhere is hostile until every byte of it was checked.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.evidence.bundles.case_redaction import ExportChoices, case_urls
    from ibconsole.services.evidence.bundles.document import (
        BlobFile,
        Block,
        CaseDocument,
        FactList,
        Grid,
        Image,
        Prose,
        Verbatim,
    )
    from ibconsole.services.evidence.bundles.export import (
        BundleFailed,
        CaseExport,
        ExportedBundle,
        ExportPreview,
        SecretFound,
        SecretsUnknown,
    )
    from ibconsole.services.evidence.bundles.files import BundleRefused
    from ibconsole.services.evidence.bundles.reading import OpenedCase, open_bundle
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "case_redaction": "ExportChoices case_urls",
            "document": "BlobFile Block CaseDocument FactList Grid Image Prose Verbatim",
            "export": (
                "BundleFailed CaseExport ExportPreview ExportedBundle SecretFound SecretsUnknown"
            ),
            "files": "BundleRefused",
            "reading": "OpenedCase open_bundle",
        },
    )

__all__ = [
    "BlobFile",
    "Block",
    "BundleFailed",
    "BundleRefused",
    "CaseDocument",
    "CaseExport",
    "ExportChoices",
    "ExportPreview",
    "ExportedBundle",
    "FactList",
    "Grid",
    "Image",
    "OpenedCase",
    "Prose",
    "SecretFound",
    "SecretsUnknown",
    "Verbatim",
    "case_urls",
    "open_bundle",
]

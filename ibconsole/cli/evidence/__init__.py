"""Evidence in the terminal: cases, HTTP archives, and a collection for Postman."""

from ibconsole.cli.evidence.case import case
from ibconsole.cli.evidence.case_open import open_case
from ibconsole.cli.evidence.case_pins import add_to_case, export_case
from ibconsole.cli.evidence.har import har
from ibconsole.cli.evidence.postman import postman_collection

__all__ = ["add_to_case", "case", "export_case", "har", "open_case", "postman_collection"]

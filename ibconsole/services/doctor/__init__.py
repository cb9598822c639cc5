"""Diagnosis of the computer: checks of what the program needs, a probe of the keyring, versions."""

from ibconsole.services.doctor.checks import check_computer, read_versions
from ibconsole.services.doctor.keyring import KeyringDiagnosis, probe_keyring

__all__ = [
    "KeyringDiagnosis",
    "check_computer",
    "probe_keyring",
    "read_versions",
]

"""Diagnosis of the computer: checks of what the program needs, a probe of the keyring, versions."""

from ibconsole.services.doctor.checks import check_computer
from ibconsole.services.doctor.keyring import KeyringDiagnosis, probe_keyring
from ibconsole.services.doctor.versions import read_versions

__all__ = [
    "KeyringDiagnosis",
    "check_computer",
    "probe_keyring",
    "read_versions",
]

"""Checks of the computer: paths, window, certificates, proxy, archive, keyring and versions."""

from ibconsole.services.doctor.environment import look_around
from ibconsole.services.doctor.keyring import Diagnosis, examine
from ibconsole.services.doctor.versions import versions

__all__ = [
    "Diagnosis",
    "examine",
    "look_around",
    "versions",
]

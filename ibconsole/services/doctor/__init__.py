"""Diagnosis of the computer: checks of what the program needs, a probe of the keyring, versions."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.doctor.checks import ComputerCheck, check_computer, read_versions
    from ibconsole.services.doctor.keyring import KeyringDiagnosis, probe_keyring
    from ibconsole.services.doctor.network import check_proxies, try_base_urls
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "checks": "ComputerCheck check_computer read_versions",
            "keyring": "KeyringDiagnosis probe_keyring",
            "network": "check_proxies try_base_urls",
        },
    )

__all__ = [
    "ComputerCheck",
    "KeyringDiagnosis",
    "check_computer",
    "check_proxies",
    "probe_keyring",
    "read_versions",
    "try_base_urls",
]

"""What packages depend on is what their binaries ask for."""

import pytest

from dependencies import (
    UnknownLibrary,
    collector_depends,
    deb_depends,
    rpm_requires,
    system_libraries,
)
from elf import Needs

NEEDS = Needs(
    frozenset({"libc.so.6", "libm.so.6", "libstdc++.so.6", "libssl.so.3", "libQt6Core.so.6"}),
    frozenset(
        {
            ("libc.so.6", "GLIBC_2.9"),
            ("libc.so.6", "GLIBC_2.35"),
            ("libc.so.6", "GLIBC_PRIVATE"),
            ("libstdc++.so.6", "GLIBCXX_3.4.29"),
            ("libssl.so.3", "OPENSSL_3.0.0"),
        }
    ),
)
BUNDLED = frozenset({"libQt6Core.so.6"})


def test_debian() -> None:
    """Each package once, the C libraries as new as what is asked of them."""
    found = deb_depends(NEEDS, BUNDLED)

    assert found[:3] == ["libc6 (>= 2.35)", "libssl3 | libssl3t64", "libstdc++6 (>= 11)"]
    assert "ca-certificates" in found


def test_collector() -> None:
    """A server needs the libraries and the authorities of certificates, but no font."""
    found = collector_depends(NEEDS, BUNDLED)

    assert found == [one for one in deb_depends(NEEDS, BUNDLED) if "fonts" not in one]


def test_rpm() -> None:
    """By soname, which every distribution understands."""
    found = rpm_requires(NEEDS, BUNDLED)

    assert "libssl.so.3()(64bit)" in found
    assert "libc.so.6(GLIBC_2.35)(64bit)" in found
    assert not [one for one in found if "Qt6" in one]


def test_a_library_from_nowhere() -> None:
    """A build that would not run elsewhere is stopped, with the reason."""
    with pytest.raises(UnknownLibrary, match=r"libQt6Core\.so\.6"):
        system_libraries(NEEDS, frozenset())

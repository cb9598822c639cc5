"""Dependencies of a Linux package, computed from the libraries that its binaries require.

Libraries in the table come from the system, whose security updates then apply; everything else
is in the bundle. A library that is in neither stops the build.
"""

from elf import Needs

_LIBC = "libc6"
_STDCXX = "libstdc++6"
# By soname: Debian's package; where distributions renamed it, both. RPM depends on sonames.
SYSTEM = {
    "ld-linux-x86-64.so.2": _LIBC,
    "ld-linux-aarch64.so.1": _LIBC,
    "libc.so.6": _LIBC,
    "libdl.so.2": _LIBC,
    "libm.so.6": _LIBC,
    "libpthread.so.0": _LIBC,
    "libresolv.so.2": _LIBC,
    "librt.so.1": _LIBC,
    "libutil.so.1": _LIBC,
    "libstdc++.so.6": _STDCXX,
    "libgcc_s.so.1": "libgcc-s1",
    "libcrypto.so.3": "libssl3 | libssl3t64",
    "libssl.so.3": "libssl3 | libssl3t64",
    "libdbus-1.so.3": "libdbus-1-3",
    "libEGL.so.1": "libegl1",
    "libffi.so.8": "libffi8",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libglib-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libgthread-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
# Certificates and a font, which no binary requires by name. On RPM systems fontconfig depends
# on a font itself.
DEB_ALWAYS = ("ca-certificates", "fonts-dejavu-core | fonts-liberation | fonts-noto-core")
RPM_ALWAYS = ("ca-certificates",)
# Keeps the connections' secrets; without a keyring they last for a session.
DEB_RECOMMENDED = ("gnome-keyring | kwalletmanager | keepassxc",)
# Messages contain all scripts and emoji; without these fonts they are shown as boxes.
DEB_SUGGESTED = ("fonts-noto-color-emoji", "fonts-noto-cjk", "fonts-noto-core")
RPM_RECOMMENDED = ("gnome-keyring",)


class UnknownLibrary(Exception):
    """A library is neither in the bundle nor in the table."""


def system_libraries(needs: Needs, bundled: frozenset[str]) -> list[str]:
    """Return the sonames that the system has to provide, sorted. Raises UnknownLibrary."""
    outside = needs.libraries - bundled
    if unknown := sorted(outside - SYSTEM.keys()):
        raise UnknownLibrary(
            f"Neither in the bundle nor in packaging/dependencies.py: {', '.join(unknown)}."
        )
    return sorted(outside)


def deb_depends(needs: Needs, bundled: frozenset[str]) -> list[str]:
    """Return Debian's relations of the desktop's package."""
    return _deb_libraries(needs, bundled) + list(DEB_ALWAYS)


def collector_depends(needs: Needs, bundled: frozenset[str]) -> list[str]:
    """Return Debian's relations of the collector's package, which needs no font."""
    return _deb_libraries(needs, bundled) + list(RPM_ALWAYS)


def _deb_libraries(needs: Needs, bundled: frozenset[str]) -> list[str]:
    """Return the libraries; those of C with the oldest version that is sufficient."""
    found = {SYSTEM[library] for library in system_libraries(needs, bundled)}
    if _LIBC in found:
        found.remove(_LIBC)
        found.add(f"{_LIBC} (>= {_newest(needs, 'GLIBC_')})")
    if _STDCXX in found:
        found.remove(_STDCXX)
        found.add(f"{_STDCXX} (>= {_gcc(_newest(needs, 'GLIBCXX_'))})")
    return sorted(found)


def rpm_requires(needs: Needs, bundled: frozenset[str]) -> list[str]:
    """Return what RPM's generator would find: sonames, and symbol versions of the C libraries."""
    bits = "()(64bit)"
    found = [f"{library}{bits}" for library in system_libraries(needs, bundled)]
    found += [
        f"libc.so.6(GLIBC_{_newest(needs, 'GLIBC_')})(64bit)",
        f"libstdc++.so.6(GLIBCXX_{_newest(needs, 'GLIBCXX_')})(64bit)",
    ]
    return sorted(found) + list(RPM_ALWAYS)


def _newest(needs: Needs, prefix: str) -> str:
    """Return the highest symbol version with a prefix, such as 2.34 of GLIBC_2.34."""
    numbers = [
        tuple(int(part) for part in version.removeprefix(prefix).split("."))
        for _, version in needs.versions
        if version.startswith(prefix) and version.removeprefix(prefix)[0].isdigit()
    ]
    return ".".join(str(part) for part in max(numbers))


# The GCC whose libstdc++ introduced a symbol version (its manual, "ABI Policy and Guidelines").
_GCC = {22: "6", 23: "7", 24: "7", 25: "8", 26: "9", 27: "9", 28: "10", 29: "11", 30: "12"}


def _gcc(version: str) -> str:
    """Return the GCC version, by which Debian numbers libstdc++6."""
    return _GCC[int(version.split(".")[2])]

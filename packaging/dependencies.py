"""What a package for Linux depends on: worked out from what its binaries ask for, not by hand.

Libraries in the table are the system's, which mends their faults without us; everything else
is in the bundle. A library that is in neither stops the build.
"""

from elf import Needs

_LIBC = "libc6"
_STDCXX = "libstdc++6"
# By soname: Debian's package; where distributions renamed it, both. RPM asks by soname itself.
SYSTEM = {
    "ld-linux-x86-64.so.2": _LIBC,
    "ld-linux-aarch64.so.1": _LIBC,
    "libc.so.6": _LIBC,
    "libdl.so.2": _LIBC,
    "libm.so.6": _LIBC,
    "libpthread.so.0": _LIBC,
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
# Certificates to trust, and something to write with: nothing in the bundle asks for these by
# name. Where there is RPM, fontconfig asks for a font itself.
DEB_ALWAYS = ("ca-certificates", "fonts-dejavu-core | fonts-liberation | fonts-noto-core")
RPM_ALWAYS = ("ca-certificates",)
# Where connections' secrets are kept; without one they last for a session.
DEB_RECOMMENDED = ("gnome-keyring | kwalletmanager | keepassxc",)
# People write in all scripts, and with emoji; without these their characters are boxes.
DEB_SUGGESTED = ("fonts-noto-color-emoji", "fonts-noto-cjk", "fonts-noto-core")
RPM_RECOMMENDED = ("gnome-keyring",)


class Unaccounted(Exception):
    """A library is neither in the bundle nor known to be the system's."""


def system_libraries(needs: Needs, bundled: frozenset[str]) -> list[str]:
    """The sonames that the system has to bring, sorted. Raises Unaccounted."""
    outside = needs.libraries - bundled
    if unknown := sorted(outside - SYSTEM.keys()):
        raise Unaccounted(
            f"Neither in the bundle nor in packaging/dependencies.py: {', '.join(unknown)}."
        )
    return sorted(outside)


def deb_depends(needs: Needs, bundled: frozenset[str]) -> list[str]:
    """Debian's relations, the C libraries with the oldest version that has what is asked for."""
    found = {SYSTEM[library] for library in system_libraries(needs, bundled)}
    if _LIBC in found:
        found.remove(_LIBC)
        found.add(f"{_LIBC} (>= {_newest(needs, 'GLIBC_')})")
    if _STDCXX in found:
        found.remove(_STDCXX)
        found.add(f"{_STDCXX} (>= {_gcc(_newest(needs, 'GLIBCXX_'))})")
    return sorted(found) + list(DEB_ALWAYS)


def rpm_requires(needs: Needs, bundled: frozenset[str]) -> list[str]:
    """What RPM's own generator would find: sonames, and symbol versions of the C libraries."""
    bits = "()(64bit)"
    found = [f"{library}{bits}" for library in system_libraries(needs, bundled)]
    found += [
        f"libc.so.6(GLIBC_{_newest(needs, 'GLIBC_')})(64bit)",
        f"libstdc++.so.6(GLIBCXX_{_newest(needs, 'GLIBCXX_')})(64bit)",
    ]
    return sorted(found) + list(RPM_ALWAYS)


def _newest(needs: Needs, prefix: str) -> str:
    """The highest of the symbol versions with a prefix, such as 2.34 of GLIBC_2.34."""
    numbers = [
        tuple(int(part) for part in version.removeprefix(prefix).split("."))
        for _, version in needs.versions
        if version.startswith(prefix) and version.removeprefix(prefix)[0].isdigit()
    ]
    return ".".join(str(part) for part in max(numbers))


# The GCC whose libstdc++ brought a symbol version (its manual, "ABI Policy and Guidelines").
_GCC = {22: "6", 23: "7", 24: "7", 25: "8", 26: "9", 27: "9", 28: "10", 29: "11", 30: "12"}


def _gcc(version: str) -> str:
    """Debian numbers libstdc++6 like the GCC it comes from."""
    return _GCC[int(version.split(".")[2])]

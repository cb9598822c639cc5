"""Start-up hook of the packaged program: restores the environment that its bootloader changed.

The bootloader sets LD_LIBRARY_PATH to the bundle. Programs that are opened from here must not
inherit it: a file manager would load the bundle's Qt instead of its own.
"""

import os

_ORIGINAL = "LD_LIBRARY_PATH_ORIG"

if (former := os.environ.pop(_ORIGINAL, None)) is not None:
    os.environ["LD_LIBRARY_PATH"] = former
else:
    os.environ.pop("LD_LIBRARY_PATH", None)

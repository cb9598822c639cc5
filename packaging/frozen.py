"""Runs before anything else in the packaged program: undoes what its starter did to it.

The starter points the system's loader at our folder. That has done its work by now, and must
not reach the programs that we open: a file manager would load our Qt instead of its own.
"""

import os

_ORIGINAL = "LD_LIBRARY_PATH_ORIG"

if (former := os.environ.pop(_ORIGINAL, None)) is not None:
    os.environ["LD_LIBRARY_PATH"] = former
else:
    os.environ.pop("LD_LIBRARY_PATH", None)

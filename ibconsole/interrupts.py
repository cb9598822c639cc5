"""The interrupt from the keyboard (SIGINT) at times when no event loop handles it.

Python raises KeyboardInterrupt wherever the program happens to be. An exception that is raised
while modules are imported may be lost, because Python calls functions there whose exceptions it
ignores (importlib's module locks, among others), or may become another one (that of a class whose
creation failed): the command then goes on, or shows a traceback. Nothing has begun at that time,
so the process ends at once.
"""

import os
import signal
import sys
from types import FrameType

_EXIT_CODE = 130
_IMPORT = vars(sys.modules["_frozen_importlib"])


def end_on_interrupt() -> None:
    """End the process at once on an interrupt, until `raise_interrupts` is called.

    Does nothing where interrupts are ignored or handled by another part of the process, and on
    Windows, where the event loop needs Python's own handler.
    """
    replaced = {signal.default_int_handler, _raise}
    if sys.platform != "win32" and signal.getsignal(signal.SIGINT) in replaced:
        signal.signal(signal.SIGINT, _end)


def raise_interrupts() -> None:
    """Raise KeyboardInterrupt on an interrupt, except during an import, which ends the process.

    Python also ignores an exception of a destructor; an interrupt that is lost in one ends the
    process, too. Does nothing unless `end_on_interrupt` was called before.
    """
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, _raise)
        sys.unraisablehook = _report_unraisable


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 as signals call it
    os._exit(_EXIT_CODE)


def _raise(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 as above
    while frame:
        if frame.f_globals is _IMPORT:
            os._exit(_EXIT_CODE)
        frame = frame.f_back
    raise KeyboardInterrupt


def _report_unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        os._exit(_EXIT_CODE)
    sys.__unraisablehook__(unraisable)

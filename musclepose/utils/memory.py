"""Memory that the allocator keeps although nobody uses it."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def give_back_memory() -> None:
    """Return freed memory to the system, where the C library can (glibc).

    Pictures and matrices of one stage leave hundreds of megabytes behind that the next stage, with blocks of other
    sizes, does not take up again.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)

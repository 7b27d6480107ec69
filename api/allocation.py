"""
Memory of this process, between one answer and the next.

A document of 70,000 bytes is above what Python keeps for itself. The C library gives such memory
back to the system when it is freed and fetches it anew a moment later, and the system clears every
page in between: more work than reading the document.
"""

import ctypes

M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3

KEPT_BYTES = 64 * 2**20
"""Free memory at the end of a heap that is not given back."""

LARGE_BYTES = 4 * 2**20
"""From this size on a piece has its own mapping, which is given back at once."""


def keep_freed_memory() -> None:
    """Keep what was freed for what comes next. Elsewhere than with glibc nothing is done."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)

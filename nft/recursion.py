"""
Python's own recursion limit, put back after a library has raised it a hundredfold.

`py_ecc`, which eth-account and web3 import, sets the limit to 100,000. A request body of nested
brackets then overflows the C stack and ends the process, where Python would have raised
`RecursionError`. A module that imports one of those libraries calls `restore` once it has, a
function does so within `kept`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

LIMIT = 1_000
"""Python's default."""


def restore() -> None:
    """Set the limit back; imports run once, so nothing raises it again."""
    sys.setrecursionlimit(LIMIT)


@contextmanager
def kept() -> Iterator[None]:
    """For an import within a function: the limit is afterwards what it was before."""
    limit = sys.getrecursionlimit()
    try:
        yield
    finally:
        if sys.getrecursionlimit() != limit:
            sys.setrecursionlimit(limit)

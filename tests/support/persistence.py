"""A script that goes on whatever falls over: it repeats what was cut off."""

from collections.abc import Callable
from typing import TypeVar

import httpx

from api.demo.node import NodeRefused
from api.demo.patience import TookTooLong
from api.demo.visitor import Refused
from api.local.processes import wait_until

T = TypeVar("T")


def persist(action: Callable[[], T], *, patience: float = 120) -> T:
    """Repeat what was cut off or came too early; a refusal that names a rule is not repeated."""
    failure: list[Exception] = []
    found: list[T] = []

    def attempt() -> bool:
        try:
            found.append(action())
        except (httpx.TransportError, NodeRefused, TookTooLong) as error:
            failure[:] = [error]
        except Refused as error:
            if error.status and error.status < 500:
                raise
            failure[:] = [error]
        return bool(found)

    assert wait_until(attempt, patience=patience), failure
    return found[0]

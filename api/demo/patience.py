"""
Waiting for something that takes a moment, together: when one gives up, all do.
"""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")

SECONDS = 180.0
"""Long: a first start shares a small machine with everything else that starts."""

FIRST_PAUSE, LONGEST_PAUSE = 0.04, 0.4
"""Seconds between two questions; they grow, so that waiting costs the exchange little."""


class TookTooLong(RuntimeError):
    """Something that should have happened within three minutes did not."""

    def __init__(self, what: str) -> None:
        super().__init__(f"waited {SECONDS:.0f} s for {what}")


class GivenUp(RuntimeError):
    """Somebody else's part went wrong, so that waiting on is of no use."""

    def __init__(self, what: str) -> None:
        super().__init__(f"stopped waiting for {what}")


class Patience:
    """Shared by all who wait in one hanging."""

    def __init__(self) -> None:
        self._is_over = Event()

    def end(self) -> None:
        """Let everybody who waits stop waiting."""
        self._is_over.set()

    def pause(self, seconds: float) -> None:
        """Wait so long, or until somebody gives up."""
        if self._is_over.wait(min(seconds, SECONDS)):
            raise GivenUp("a pause to end")

    def wait_for(self, what: str, ask: Callable[[], T | None]) -> T:
        """Ask until there is an answer."""
        deadline, pause = time.monotonic() + SECONDS, FIRST_PAUSE
        while (answer := ask()) is None:
            if time.monotonic() > deadline:
                raise TookTooLong(what)
            if self._is_over.wait(pause):
                raise GivenUp(what)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        return answer

"""
Work that outlives a request, said as plain data: the caller enqueues it with its own transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field

CHECK_UPLOAD = "media.check_upload"
PIN = "media.pin"
UNPIN = "media.unpin"
AUDIT = "media.audit"

LATER = -10
"""The priority of what no artist waits for: repairs, audits, places that were added."""

FIRST_QUEUE = "default"
"""Of everything that does not go to a place."""
AUDIT_QUEUE = "audits"


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do: a task's name and its arguments. Every such task may run twice."""

    name: str
    args: dict[str, str] = field(default_factory=dict)
    priority: int = 0
    """Of those in one queue the highest goes first."""

    @property
    def key(self) -> str:
        """What the job is about; jobs with one key need not wait in the queue twice."""
        return ":".join((self.name, *(self.args[name] for name in sorted(self.args))))

    @property
    def queue(self) -> str:
        """Each place has its own, so that one which is slow or down keeps nobody waiting."""
        if self.name in (PIN, UNPIN) and "store" in self.args:
            return queue_of(self.args["store"])
        return AUDIT_QUEUE if self.name == AUDIT else FIRST_QUEUE


def queue_of(store: str) -> str:
    """The queue of what is brought to a place."""
    return f"pins.{store}"

"""
Work that outlives a request, said as plain data: the caller enqueues it with its own transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field

CHECK_UPLOAD = "media.check_upload"
PIN = "media.pin"
UNPIN = "media.unpin"


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do: a task's name and its arguments. Every such task may run twice."""

    name: str
    args: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What the job is about; jobs with one key need not wait in the queue twice."""
        return ":".join((self.name, *(self.args[name] for name in sorted(self.args))))

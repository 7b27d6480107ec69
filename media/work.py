"""
What the jobs on media work with: rows, folders and the places that keep.

The bodies of the jobs are in `media.checking`, `media.keeping` and `media.sweeping`. Each may run
twice, be killed anywhere, and run beside itself. Rows move in short transactions; nothing slow
happens inside one. An `Unreachable` that leaves a body asks for another attempt after
`media.pinning.wait_after`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker

from media import uploads
from media.pinning import Pinner
from media.shelves import Shelves
from media.store import BlockStore


@dataclass(frozen=True, slots=True)
class MediaParts:
    """What the jobs work with; made once for each process by whoever composes it."""

    engine: Engine
    sessions: sessionmaker[Session]
    rules: uploads.UploadRules
    private: BlockStore
    public: BlockStore
    pinners: Mapping[str, Pinner]
    shelves: Shelves
    """What published works look like."""
    monotonic: Callable[[], float] = time.monotonic

    def prepare(self) -> None:
        """Make the folders."""
        self.rules.prepare()
        self.private.prepare()
        self.public.prepare()

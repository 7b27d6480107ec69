"""Content credentials (C2PA)."""

from __future__ import annotations

from pathlib import Path

from media.decoders.results import Finding
from media.formats import Structure


def findings(path: Path, structure: Structure) -> list[Finding]:
    """Nothing yet."""
    return []

"""
Is this file what it should be? Asked of a child process that may die of the answer.

The child (`media.child`) decodes everything under limits of memory, processor time and wall time;
whatever becomes of it, the caller gets an `Inspection` or a `Problem` with a stable code.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.disk import answering, write_whole
from media.fingerprints import Fingerprint
from nft.errors import StoreUnavailable

PROBE_BYTES = 256 * 1024
WALL_SECONDS = 360
"""Above the processor time that the child allows itself (`media.child`)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file is refused: `code` is stable, `detail` names the rule and the value."""

    code: str
    detail: str


Finding = dict[str, Any]
"""`code`, stable; `detail`, to be read; and whatever else this finding tells."""


@dataclass(frozen=True, slots=True)
class MadeVariant:
    """A derived file, lying in the folder that was given to `inspect`."""

    name: str
    type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a bundle: its path there, and its name in the folder given to `inspect`."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """
    A work decoded from its first byte to its last.

    Sizes, frames and `blur` are None where a kind has none. A finding has `code`, `detail` and
    perhaps more; `details` are what this kind alone has (`media.formats.base.Structure`).
    """

    type: str
    width: int | None
    height: int | None
    frames: int | None
    blur: str | None
    findings: tuple[Finding, ...]
    variants: tuple[MadeVariant, ...]
    details: dict[str, Any]
    members: tuple[Member, ...] = ()
    """The files of a bundle."""
    fingerprints: tuple[tuple[Fingerprint, ...], ...] = ()
    """Of each picture that stands for the work: what it looks like (`media.fingerprints`)."""


def inspect(
    path: Path, folder: Path, *, wall_seconds: float = WALL_SECONDS
) -> Inspection | Problem:
    """Check the file at `path`; its variants are written into `folder`, which is empty and ours."""
    with answering():
        child = subprocess.Popen(
            [sys.executable, "-I", "-m", "media.child", str(path), str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={"LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
    try:
        output, _ = child.communicate(timeout=wall_seconds)
    except subprocess.TimeoutExpired:
        return Problem("TooSlow", f"checking the file took more than {wall_seconds:g} seconds")
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
    found = _read(output, child.returncode)
    if isinstance(found, Problem):
        # Where nothing more can be written every file looks damaged: that is no word on this one.
        with answering():
            write_whole(folder / "probe", bytes(PROBE_BYTES), scratch=folder)
            (folder / "probe").unlink()
    return found


def _read(output: bytes, returncode: int) -> Inspection | Problem:
    if returncode == -signal.SIGXCPU or (returncode == -signal.SIGKILL and not output):
        return Problem("TooSlow", "checking the file took more processor time than is allowed")
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:
        return Problem("FileDamaged", "the decoder broke off at this file")
    if "unavailable" in answer:
        raise StoreUnavailable(str(answer["unavailable"])[:300])
    if "problem" in answer:
        return Problem(**answer["problem"])
    return Inspection(
        type=answer["type"],
        width=answer["width"],
        height=answer["height"],
        frames=answer["frames"],
        blur=answer["blur"],
        findings=tuple(answer["findings"]),
        variants=tuple(MadeVariant(**made) for made in answer["variants"]),
        details=answer["details"],
        members=tuple(Member(**one) for one in answer.get("members", ())),
        fingerprints=tuple(
            tuple(Fingerprint.read(one) for one in picture) for picture in answer["fingerprints"]
        ),
    )

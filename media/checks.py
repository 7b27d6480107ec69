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

from media.disk import answering

WALL_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file is refused: `code` is stable, `detail` names the rule and the value."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class MadeVariant:
    """A derived file, lying in the folder that was given to `inspect`."""

    name: str
    type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """A picture decoded from its first byte to its last."""

    type: str
    width: int
    height: int
    frames: int
    blur: str
    findings: tuple[Problem, ...]
    variants: tuple[MadeVariant, ...]


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
    return _read(output, child.returncode)


def _read(output: bytes, returncode: int) -> Inspection | Problem:
    if returncode == -signal.SIGXCPU or (returncode == -signal.SIGKILL and not output):
        return Problem("TooSlow", "checking the file took more processor time than is allowed")
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:
        return Problem("FileDamaged", "the decoder broke off at this file")
    if "problem" in answer:
        return Problem(**answer["problem"])
    return Inspection(
        type=answer["type"],
        width=answer["width"],
        height=answer["height"],
        frames=answer["frames"],
        blur=answer["blur"],
        findings=tuple(Problem(**found) for found in answer["findings"]),
        variants=tuple(MadeVariant(**made) for made in answer["variants"]),
    )

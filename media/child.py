"""
The process that opens strangers' files: `python -m media.child FILE FOLDER`.

It takes its own limits before it looks at the file (memory, processor time, file size, open
files), decodes the whole work, writes variants into FOLDER and one line of JSON to its output.
If a decoder runs wild, only this process dies.
"""

from __future__ import annotations

import errno
import json
import mmap
import resource
import struct
import sys
from pathlib import Path
from typing import Any

from media.decoders import credentials, decode
from media.decoders.results import Finding
from media.formats import Structure, Unfit, kind_of, read_structure
from media.formats.kinds import SVG
from media.formats.polyglots import foreign_content

MEMORY_BYTES = 3 * 1024**3
CPU_SECONDS = 60
TIMED_CPU_SECONDS = 300
"""For video, sound and documents, whose decoding takes as long as they are."""
FILE_BYTES = 256 * 1024**2
OPEN_FILES = 64
DISK_AT_ITS_END = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO))
"""What is wrong with FOLDER, not with the file."""


def main(file: str, folder: str) -> int:
    """Inspect a file; the answer is on standard output."""
    _limit(Path(file).stat().st_size)
    try:
        answer = _inspect(Path(file), Path(folder))
    except Unfit as error:
        if getattr(error.__cause__, "errno", None) in DISK_AT_ITS_END:
            answer = {"unavailable": error.detail}
        else:
            answer = {"problem": {"code": error.code, "detail": error.detail}}
    sys.stdout.write(json.dumps(answer))
    return 0


def _limit(size: int = 0) -> None:
    # The walk maps the file into memory: that much more, beyond what decoders may use.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, TIMED_CPU_SECONDS))
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES + size),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _inspect(path: Path, folder: Path) -> dict[str, Any]:
    structure, foreign = _structure(path)
    if kind_of(structure.type) in ("video", "audio", "document"):
        resource.setrlimit(resource.RLIMIT_CPU, (TIMED_CPU_SECONDS, TIMED_CPU_SECONDS))
    try:
        facts = decode(path, structure, folder)
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, Warning) as error:
        # Everything that the readers raise for a file that is not what its header says.
        raise Unfit("FileDamaged", f"the file cannot be decoded: {error}") from error
    except MemoryError as error:
        raise Unfit("TooMuchMemory", "decoding the file takes too much memory") from error
    facts["findings"] += [*foreign, *credentials.findings(path, structure)]
    return facts


def _structure(path: Path) -> tuple[Structure, list[Finding]]:
    if path.stat().st_size == 0:
        raise Unfit("FileEmpty", "the file is empty")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        try:
            structure = read_structure(view)
            return structure, _foreign(structure, view)
        finally:
            view.release()


def _foreign(structure: Structure, data: memoryview) -> list[Finding]:
    if structure.type == SVG or kind_of(structure.type) == "page":
        return []
    other = foreign_content(data)
    if other is None:
        return []
    detail = f"Another program may take the file for {other}. It is shown as {structure.type} only."
    return [{"code": "SecondFormat", "detail": detail}]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))

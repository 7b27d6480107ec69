"""
The process that opens strangers' files: `python -m media.child FILE FOLDER`.

It takes its own limits before it looks at the file (memory, processor time, file size, open
files), decodes the whole picture, writes variants into FOLDER and one line of JSON to its output.
If a decoder runs wild, only this process dies.
"""

from __future__ import annotations

import json
import mmap
import resource
import struct
import sys
from pathlib import Path
from typing import Any

from media.decoders import decode
from media.formats import Structure, Unfit, read_structure

MEMORY_BYTES = 3 * 1024**3
CPU_SECONDS = 60
FILE_BYTES = 256 * 1024**2
OPEN_FILES = 64


def main(file: str, folder: str) -> int:
    """Inspect a file; the answer is on standard output."""
    _limit()
    try:
        answer = _inspect(Path(file), Path(folder))
    except Unfit as error:
        answer = {"problem": {"code": error.code, "detail": error.detail}}
    sys.stdout.write(json.dumps(answer))
    return 0


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _inspect(path: Path, folder: Path) -> dict[str, Any]:
    structure = _structure(path)
    try:
        facts = decode(path, structure, folder)
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, Warning) as error:
        # Everything that Pillow's readers raise for a file that is not what its header says.
        raise Unfit("FileDamaged", f"the picture cannot be decoded: {error}") from error
    except MemoryError as error:
        raise Unfit("TooMuchMemory", "decoding the picture takes too much memory") from error
    return facts


def _structure(path: Path) -> Structure:
    if path.stat().st_size == 0:
        raise Unfit("FileEmpty", "the file is empty")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        try:
            return read_structure(view)
        finally:
            view.release()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))

"""
How fast and in how much memory pictures are derived: `python -m tests.bench.media_variants --json`.

Each is decoded and derived in the process that uploads are looked at in, start-up included.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.media import pictures

SIZES = {40: (7_300, 5_480), 80: (10_320, 7_752)}
"""Megapixels, and width by height."""
_AGAIN = (sys.executable, "-m", "tests.bench.media_variants")
SECONDS_OF_40, MEMORY_OF_80_MB = 8, 400


@dataclass(frozen=True, slots=True)
class Derived:
    """One picture's way through the child."""

    seconds: float
    peak_mb: float
    bytes_by_type: dict[str, int]
    files: int


def derive(file: Path, folder: Path) -> Derived:
    """Look at a file as an upload is looked at."""
    command = [sys.executable, "-m", "media.child", str(file), str(folder)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        answer = json.loads(child.stdout.read())
        _, _, used = os.wait4(child.pid, 0)
        child.returncode = 0
    seconds = time.perf_counter() - started
    sizes: dict[str, int] = {}
    for made in answer["variants"]:
        if made["width"] <= 1600:  # the widths that come in every type
            size = (folder / made["name"]).stat().st_size
            sizes[made["type"]] = sizes.get(made["type"], 0) + size
    return Derived(seconds, used.ru_maxrss / 1024, sizes, len(answer["variants"]))


def measure() -> list[dict[str, object]]:
    """The rows of `make bench-media`."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="bench-variants-") as kept:
        for megapixels, size in SIZES.items():
            file, folder = Path(kept) / f"{megapixels}.jpg", Path(kept) / str(megapixels)
            folder.mkdir()
            # In a process of its own: a child's peak starts at its parent's size.
            subprocess.run([*_AGAIN, "--make", str(file), *map(str, size)], check=True)
            found = derive(file, folder)
            name = f"JPEG of {megapixels} MP"
            rows += [
                {"what": f"{name}: all variants", "measured": found.seconds, "unit": "s"},
                {"what": f"{name}: peak memory", "measured": found.peak_mb, "unit": "MB"},
                {
                    "what": f"{name}: variants made",
                    "measured": found.files / found.seconds,
                    "unit": "per second",
                },
                {
                    "what": f"{name}: AVIF saves against WebP",
                    "measured": 100
                    * (
                        1
                        - found.bytes_by_type.get("image/avif", 0)
                        / found.bytes_by_type["image/webp"]
                    ),
                    "unit": "%",
                },
            ]
    rows[0]["target"] = SECONDS_OF_40
    rows[5]["target"] = MEMORY_OF_80_MB
    return rows


def make(file: str, width: int, height: int) -> None:
    """A JPEG like a camera's."""
    small = pictures.canvas(width // 4, height // 4)
    small.resize((width, height), Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
        sys.exit()
    made = measure()
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps({"rows": made}) + "\n")
    else:
        for row in made:
            sys.stdout.write(f"{row['what']:45} {row['measured']:8.1f} {row['unit']}\n")

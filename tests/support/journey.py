"""
The journey of the README, run exactly as it is printed there.
"""

import re
import subprocess
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

README = Path(__file__).parents[2] / "README.md"


@dataclass(frozen=True)
class Outcome:
    """What the program printed, line by line."""

    lines: list[str]

    @property
    def verdict(self) -> str:
        """The last word of the last line."""
        return self.lines[-1].rpartition(" ")[2]


def program() -> str:
    """The one Python program in the README."""
    found = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, "the README lost its example"
    return found[1]


def picture(seed: int = 1) -> bytes:
    """A small PNG; another seed gives other bytes."""
    image = Image.effect_mandelbrot((320, 200), (-2.2, -1.2, 1.0, 1.2), 40 + seed).convert("RGB")
    held = BytesIO()
    image.save(held, "PNG")
    return held.getvalue()


def travel(url: str, folder: Path, *, seed: int = 1, timeout: float = 90) -> Outcome:
    """Run the README's program against a running exchange; raises when it fails."""
    script, image = folder / "journey.py", folder / f"picture-{seed}.png"
    script.write_text(program(), encoding="utf-8")
    image.write_bytes(picture(seed))
    done = subprocess.run(
        [sys.executable, str(script), url, str(image)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return Outcome(done.stdout.splitlines())

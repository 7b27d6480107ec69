"""
The pages' own faces as TrueType, for what is printed: the typesetter reads no WOFF2.

Run by `make setup` as a program, after the pages' files are in place. Glyphs and axes stay as they
are; each file becomes a family of its own (`Noto Serif SC 4`), so that the typesetter takes the
faces that it is told to and guesses nothing. `faces.json` says which characters each has. The
licence of all three (SIL OFL 1.1) permits this, embedding included, and reserves none of the names.
"""

import json
import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from fontTools.ttLib import TTFont

API = Path(__file__).resolve().parents[1]
VENDOR = API / "static" / "vendor"
FACES = API / "faces"

FAMILY, FULL, POSTSCRIPT, TYPOGRAPHIC, SUBFAMILY = 1, 4, 6, 16, 17


def family_of(name: str) -> str:
    """`noto-serif-sc-4-wght-normal` is of `Noto Serif SC 4`; romans and italics share a family."""
    for house, title in (
        ("newsreader-", "Newsreader"),
        ("instrument-sans-", "Instrument Sans"),
        ("noto-serif-sc-", "Noto Serif SC"),
    ):
        if name.startswith(house):
            return f"{title} {name.removeprefix(house).rsplit('-', 2)[0]}"
    raise ValueError(name)


def write_one(source: Path, folder: Path) -> tuple[str, str, list[list[int]]]:
    """One face as TrueType; returns its file, its family and the ranges of its characters."""
    family = family_of(source.stem)
    style = "Italic" if source.stem.endswith("-italic") else "Regular"
    font = TTFont(source, recalcBBoxes=False, recalcTimestamp=False)
    font.flavor = None
    names = font["name"]
    for number in (TYPOGRAPHIC, SUBFAMILY):
        names.removeNames(nameID=number)
    for number, text in (
        (FAMILY, family),
        (2, style),
        (FULL, f"{family} {style}"),
        (POSTSCRIPT, f"{family}-{style}".replace(" ", "")),
    ):
        names.setName(text, number, 3, 1, 0x409)
    target = folder / f"{source.stem}.ttf"
    font.save(target)
    return target.name, family, ranges(sorted(font.getBestCmap()))


def ranges(codes: list[int]) -> list[list[int]]:
    """Ascending numbers as pairs of first and last."""
    found: list[list[int]] = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


def write_all() -> int:
    """Write every face anew; returns how many."""
    made = FACES.with_name("faces.new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    sources = sorted([*VENDOR.glob("fonts/*.woff2"), *VENDOR.glob("noto-serif-sc/files/*.woff2")])
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        written = list(pool.map(write_one, sources, [made] * len(sources)))
    faces = {file: {"family": family, "ranges": told} for file, family, told in written}
    (made / "faces.json").write_text(json.dumps(faces, separators=(",", ":")), "utf-8")
    shutil.copytree(VENDOR / "licences", made / "licences")
    shutil.rmtree(FACES, ignore_errors=True)
    made.rename(FACES)
    return len(written)


if __name__ == "__main__":
    sys.stdout.write(f"{write_all()} faces of what is printed are in place\n")

"""The child's answer, and the variants that go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from media.formats import Structure

Finding = dict[str, Any]
"""`code`, `detail`, and whatever else this finding tells."""


def answer_of(
    structure: Structure,
    folder: Path,
    *,
    poster: Any = None,
    findings: Sequence[Finding] = (),
    details: Mapping[str, Any] | None = None,
    **facts: int,
) -> dict[str, Any]:
    """
    What the child says of a good file. `poster` is a picture by Pillow, or None; variants of it
    are written into `folder`. Further `facts` stand for what the headers said: width and the like.
    """
    return {
        "type": structure.type,
        "width": structure.width or None,
        "height": structure.height or None,
        "frames": structure.frames or None,
        "findings": list(findings),
        "details": {**structure.details, **(details or {})},
        **_pictures(poster, folder, structure),
        **facts,
    }


def _pictures(poster: Any, folder: Path, structure: Structure) -> dict[str, Any]:
    if poster is None:
        return {"variants": [], "blur": None, "fingerprints": []}
    from media import fingerprints, variants  # after the limits

    # What was drawn from the file may weigh more than it; what is the file itself may not.
    is_original = f"image/{str(poster.format).lower()}" == structure.type
    most = structure.end if is_original else None
    made = []
    for variant in variants.derive(poster, original_bytes=most):
        (folder / variant.name).write_bytes(variant.data)
        made.append(
            {
                "name": variant.name,
                "type": variant.type,
                "width": variant.width,
                "height": variant.height,
            }
        )
    seen = [each.facts() for each in fingerprints.of(poster)]
    return {"variants": made, "blur": variants.blur(poster), "fingerprints": [seen]}

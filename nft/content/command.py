"""
`vernissage cid` and `vernissage car`: what the command line does with content, and nothing else.

Only the standard library and `nft.content` are imported, so that the answer comes at once.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from nft.content.car import write_car
from nft.content.paths import PathBlocks, import_path
from nft.content.profiles import get_profile
from nft.errors import ExchangeError

BAD_INPUT = 2


def cid(path: Path, *, profile: str, hidden: bool = False, as_json: bool = False) -> int:
    """Print the root CID of a file or directory; returns the exit code."""
    try:
        link = import_path(path, get_profile(profile), hidden=hidden)
    except (ExchangeError, OSError) as error:
        return _refuse(error, as_json=as_json)
    answer = {"cid": str(link.cid), "profile": profile, "dag_bytes": link.tsize}
    _print(str(link.cid), answer, as_json=as_json)
    return 0


def car(path: Path, out: Path, *, profile: str, hidden: bool = False, as_json: bool = False) -> int:
    """
    Write the CAR of a file or directory; returns the exit code.

    The file appears under its name only when it is whole and on disk.
    """
    half = out.with_name(out.name + ".part")
    try:
        setting = get_profile(profile)
        blocks = PathBlocks(setting)
        link = import_path(path, setting, blocks=blocks, hidden=hidden)
        with half.open("wb") as file:
            for piece in write_car(link.cid, blocks.get):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        half.replace(out)
    except (ExchangeError, OSError) as error:
        half.unlink(missing_ok=True)
        return _refuse(error, as_json=as_json)
    answer = {"cid": str(link.cid), "profile": profile, "car": str(out), "car_bytes": size}
    _print(str(link.cid), answer, as_json=as_json)
    return 0


def _print(text: str, answer: dict[str, Any], *, as_json: bool) -> None:
    sys.stdout.write((json.dumps(answer) if as_json else text) + "\n")


def _refuse(error: Exception, *, as_json: bool) -> int:
    code = type(error).__name__
    detail = str(error)
    if as_json:
        sys.stdout.write(json.dumps({"code": code, "detail": detail}) + "\n")
    sys.stderr.write(f"vernissage: {detail}\n")
    return BAD_INPUT

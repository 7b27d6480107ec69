"""
`vernissage cid` and `vernissage car`: what the command line does with content, and nothing else.

Only the standard library and `nft.content` are imported, so that the answer comes at once.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nft.content.car import MAX_DEPTH, write_car
from nft.content.cid import Cid
from nft.content.exporter import Budget
from nft.content.paths import PathBlocks, import_path
from nft.content.profiles import get_profile
from nft.errors import BlockInvalid, BlockMissing, ExchangeError, PathInvalid

IS_FALSE = 1
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
        budget = Budget(blocks=2**60, depth=MAX_DEPTH)
        with half.open("wb") as file:
            for piece in write_car(link.cid, blocks.get, budget=budget):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        half.replace(out)
    except (ExchangeError, OSError) as error:
        return _refuse(error, as_json=as_json)
    finally:
        half.unlink(missing_ok=True)
    answer = {"cid": str(link.cid), "profile": profile, "car": str(out), "car_bytes": size}
    _print(str(link.cid), answer, as_json=as_json)
    return 0


def verify(path: Path, *, as_json: bool = False) -> int:
    """
    Hash every block of a CAR and look whether anything is missing below its roots.

    Returns 0 when it is whole, 1 when it is not or a block is damaged, 2 when it cannot be read.
    """
    from nft.content.carfile import CarFile

    try:
        with CarFile(path) as file:
            report = file.report()
    except BlockInvalid as error:
        _refuse(error, as_json=as_json)
        return IS_FALSE
    except (ExchangeError, OSError) as error:
        return _refuse(error, as_json=as_json)
    answer = {
        "whole": report.is_whole,
        "roots": [str(root) for root in report.roots],
        "car_version": report.version,
        "blocks": report.blocks,
        "block_bytes": report.block_bytes,
        "repeated_blocks": report.repeated,
        "unreached_blocks": report.unreached,
        "missing_blocks": report.missing,
        "missing": [str(missing) for missing in report.missing_named],
    }
    lines = [str(root) for root in report.roots]
    lines.append(f"{report.blocks} blocks, {report.block_bytes} bytes, every hash is right")
    lines += [f"missing: {one}" for one in report.missing_named]
    if not report.is_whole:
        lines.append(f"not whole: {report.missing} blocks are missing, {len(report.roots)} roots")
    _print("\n".join(lines), answer, as_json=as_json)
    return 0 if report.is_whole else IS_FALSE


def extract(path: Path, out: Path, *, roots: Sequence[str] = (), as_json: bool = False) -> int:
    """
    Write the trees of a CAR to disk, whole or not at all; returns the exit code.

    One root becomes `out` itself, several become `out/<cid>`; `roots` chooses among them.
    """
    from nft.content.carfile import CarFile
    from nft.content.extraction import Allowance, extract

    try:
        with CarFile(path) as file:
            chosen = _chosen(file.roots, roots)
            named = {str(root): root for root in chosen} if len(chosen) > 1 else {"": chosen[0]}
            written = extract(file.get, named, out, allowance=Allowance())
    except (BlockInvalid, BlockMissing) as error:
        _refuse(error, as_json=as_json)
        return IS_FALSE
    except (ExchangeError, OSError) as error:
        return _refuse(error, as_json=as_json)
    answer = {
        "roots": [str(root) for root in chosen],
        "out": str(out),
        "files": written.files,
        "bytes": written.bytes,
    }
    _print(str(out), answer, as_json=as_json)
    return 0


def _chosen(roots: Sequence[Cid], wanted: Sequence[str]) -> list[Cid]:
    """The roots to write. Raises `PathInvalid` when the file has not the one that is wanted."""
    chosen = [Cid.parse(text) for text in wanted] or list(roots)
    for root in chosen:
        if root.digest not in {known.digest for known in roots}:
            raise PathInvalid(str(root), "not a root of this CAR")
    if not chosen:
        raise PathInvalid("the CAR", "it has no root")
    return list(dict.fromkeys(chosen))


def _print(text: str, answer: dict[str, Any], *, as_json: bool) -> None:
    sys.stdout.write((json.dumps(answer) if as_json else text) + "\n")


def _refuse(error: Exception, *, as_json: bool) -> int:
    code = type(error).__name__
    detail = str(error)
    if as_json:
        sys.stdout.write(json.dumps({"code": code, "detail": detail}) + "\n")
    sys.stderr.write(f"vernissage: {detail}\n")
    return BAD_INPUT

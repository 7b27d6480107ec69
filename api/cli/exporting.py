"""
`vernissage media export`: the works of an artist, a collection, or some works, as one CAR.

The CAR holds every file and metadata document that is public here, and as its first root a
manifest. `ipfs dag import` brings it into any Kubo under the same CIDs.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nft.errors import NotAnAmount
from nft.types import Address, TokenRef

if TYPE_CHECKING:
    from api.exports.queries import Scope

WHAT = "write the works of an artist or a collection as one CAR with a manifest"
IS_FALSE = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `vernissage media export` understands."""
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--artist", metavar="ADDRESS", help="every work that this address minted")
    whose.add_argument("--collection", metavar="CHAIN/CONTRACT", help="every work of a contract")
    whose.add_argument(
        "--work",
        metavar="CHAIN/CONTRACT/ID",
        action="append",
        help="one work; also by its CAIP-19 name; repeatable",
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="the CAR to write")
    parser.add_argument(
        "--allow-missing",
        action="store_true",
        help="write what is here; the manifest says what is not",
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(given: argparse.Namespace) -> int:
    """Write the CAR; exit code 1 when something that belongs in it is not kept here."""
    from api import asgi
    from api.exports.queries import works
    from api.settings import load_settings
    from media.exporting import Export, ExportIncomplete, NothingToExport, write

    scope = read_scope(given)
    parts = asgi.make_media_parts(load_settings())
    try:
        with Export(parts.public, scope.as_json()) as export:
            with parts.sessions() as session:
                for work in works(session, scope):
                    export.add(work)
            export.check(may_miss=given.allow_missing)
            totals = export.totals
            written = write(export, given.out)
    except (ExportIncomplete, NothingToExport) as error:
        if given.json:
            problem = {"code": type(error).__name__, "detail": str(error)}
            sys.stdout.write(json.dumps(problem) + "\n")
        sys.stderr.write(f"vernissage media export: {error}\n")
        return IS_FALSE
    finally:
        parts.engine.dispose()
    answer = {
        "car": str(given.out),
        "car_bytes": written.size,
        "sha256": written.sha256,
        "manifest": written.manifest,
        "works": totals.works,
        "roots": totals.roots,
        "missing": list(totals.missing_named),
    }
    lines = [
        written.manifest,
        f"{totals.works} works, {totals.roots} roots, {written.size} bytes: {given.out}",
        f"to have it in an IPFS node: ipfs dag import {given.out}",
        *(f"not kept here: {cid}" for cid in totals.missing_named),
    ]
    sys.stdout.write((json.dumps(answer) if given.json else "\n".join(lines)) + "\n")
    return 0


def read_scope(given: argparse.Namespace) -> Scope:
    """Whose works. Raises `NotAnAddress` or `NotAnAmount`."""
    from api.exports.queries import Scope
    from api.tokens.deps import MAX_CHAIN_ID, read_token, read_uint

    if given.artist:
        return Scope(artist=Address.parse(given.artist))
    if given.collection:
        chain_id, _, contract = given.collection.partition("/")
        number = read_uint("collection", chain_id, maximum=MAX_CHAIN_ID)
        return Scope(collection=(number, Address.parse(contract)))
    works = []
    for text in given.work:
        if text.startswith("eip155:"):
            works.append(TokenRef.parse_caip19(text))
            continue
        pieces = text.split("/")
        if len(pieces) != 3:
            raise NotAnAmount(text)
        works.append(read_token(*pieces))
    return Scope(works=tuple(dict.fromkeys(works)))

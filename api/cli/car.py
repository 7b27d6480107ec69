"""
`vernissage car`: a file or directory as a CARv1, ready for `ipfs dag import`; and CARs checked and
unpacked again, anybody's.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from nft.content import command
from nft.content.profiles import DEFAULT, PROFILES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `vernissage car` understands."""
    parser.add_argument("path", type=Path, nargs="?", help="a file or a directory")
    parser.add_argument("-o", "--output", "--out", type=Path, help="what to write: a CAR, a folder")
    parser.add_argument("--profile", choices=list(PROFILES), default=DEFAULT.name)
    parser.add_argument("--hidden", action="store_true", help="include names beginning with a dot")
    parser.add_argument(
        "--verify",
        type=Path,
        metavar="CAR",
        help="hash every block of a CAR; exit code 1 when one is damaged or missing",
    )
    parser.add_argument(
        "--extract", type=Path, metavar="CAR", help="write the trees of a CAR to the output"
    )
    parser.add_argument(
        "--root", action="append", default=[], help="with --extract: only this root, repeatable"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def main(arguments: list[str]) -> int:
    """Write the CAR and print its root, or check or unpack one; returns the exit code."""
    parser = argparse.ArgumentParser(prog="vernissage car", description=__doc__)
    add_arguments(parser)
    given = parser.parse_args(arguments)
    if [given.path, given.verify, given.extract].count(None) != 2:
        parser.error("give one of: a path to pack, --verify CAR, --extract CAR")
    if given.verify:
        return command.verify(given.verify, as_json=given.json)
    if not given.output:
        parser.error("-o/--output says where to write")
    if given.extract:
        return command.extract(given.extract, given.output, roots=given.root, as_json=given.json)
    return command.car(
        given.path,
        given.output,
        profile=given.profile,
        hidden=given.hidden,
        as_json=given.json,
    )

"""`vernissage car`: a file or directory as a CARv1, ready for `ipfs dag import`."""

from __future__ import annotations

import argparse
from pathlib import Path

from nft.content import command
from nft.content.profiles import DEFAULT, PROFILES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `vernissage car` understands."""
    parser.add_argument("path", type=Path, help="a file or a directory")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the CAR to write")
    parser.add_argument("--profile", choices=list(PROFILES), default=DEFAULT.name)
    parser.add_argument("--hidden", action="store_true", help="include names beginning with a dot")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def main(arguments: list[str]) -> int:
    """Write the CAR and print its root; returns the exit code."""
    parser = argparse.ArgumentParser(prog="vernissage car", description=__doc__)
    add_arguments(parser)
    given = parser.parse_args(arguments)
    return command.car(
        given.path,
        given.output,
        profile=given.profile,
        hidden=given.hidden,
        as_json=given.json,
    )

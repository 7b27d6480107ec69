"""What `vernissage index audit` compares."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from indexer.audit import Scope

FEW = 100_000
"""Up to so many works an audit compares all, when nothing else is asked for."""
SAMPLE = 5_000
"""So many else."""


def add_scope(command: argparse.ArgumentParser) -> None:
    """The options that choose it."""
    which = command.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="every work, holder, debt and auction")
    which.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help=f"N works, half of them those that moved last (without either: all up to {FEW:,} "
        f"works, else a sample of {SAMPLE:,})",
    )
    command.add_argument(
        "--prove",
        action="store_true",
        help="hold works of our collections against proofs of storage (a sample always does)",
    )
    command.add_argument("--seed", type=int, help="choose the same works as a sample before")


def read_scope(given: argparse.Namespace, connection: Connection, chain_id: int) -> Scope:
    """The scope asked for; without one, all works where they are few, else a sample."""
    from sqlalchemy import text

    from indexer.audit import Scope

    if given.sample is not None:
        return Scope.sampled(given.sample, given.seed)
    if given.all:
        return Scope(proves=given.prove)
    with connection.begin():
        many = connection.scalar(
            text(
                "select count(*) from (select from chain_tokens where chain_id = :chain_id "
                "limit :few) as works"
            ),
            {"chain_id": chain_id, "few": FEW + 1},
        )
    return Scope(proves=given.prove) if (many or 0) <= FEW else Scope.sampled(SAMPLE, given.seed)

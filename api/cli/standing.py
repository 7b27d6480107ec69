"""`vernissage standing`: what an issuer says of works: marks, answers to claims, decisions."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from api.cli.certificates import run
from api.cli.works import read_version, read_work

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from api.parts import Parts
    from api.standing.claims import Told as Claim

Told = tuple[dict[str, Any], list[str]]


def parser() -> argparse.ArgumentParser:
    """What `vernissage standing` understands."""
    made = argparse.ArgumentParser(prog="vernissage standing", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True)

    def add(name: str, what: str, place: str, shown: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument(place, metavar=shown)
        command.add_argument("--json", action="store_true", help="one line of JSON")
        return command

    mark = add("mark", "mark a work as lost or stolen", "work", "TOKEN-OR-CODE")
    mark.add_argument("kind", choices=("lost", "stolen"))
    mark.add_argument("--reason", required=True, help="public, and kept for ever")
    back = add("take-back", "take back a mark of the issuer's", "work", "TOKEN-OR-CODE")
    back.add_argument("mark", metavar="MARK", help="its id, as the work's standing has it")
    back.add_argument("--reason", required=True, help="public, and kept for ever")
    answer = add("answer", "answer a claim without deciding it", "claim", "CLAIM")
    answer.add_argument("--words", required=True, help="public, and kept for ever")
    decide = add("decide", "uphold or reject a claim, for good", "claim", "CLAIM")
    decide.add_argument("decision", choices=("upheld", "rejected"))
    decide.add_argument("--reason", required=True, help="public, and kept for ever")
    status = decide.add_mutually_exclusive_group()
    what = "the newest certificate of the work, with an upheld claim"
    status.add_argument("--suspend", action="store_true", help=f"suspend {what}")
    status.add_argument("--revoke", action="store_true", help=f"revoke {what}, for good")
    return made


def main(arguments: list[str]) -> int:
    """Run one of them; returns the exit code."""
    from api.local.errors import WrongInput

    given = parser().parse_args(arguments)
    if given.command == "decide" and given.decision == "rejected" and _status_of(given):
        raise WrongInput("a rejected claim neither suspends nor revokes")
    runs = {"mark": _mark, "take-back": _take_back, "answer": _answer, "decide": _decide}
    return run(given, runs[given.command])


async def _mark(parts: Parts, given: argparse.Namespace) -> Told:
    from api.standing import marks

    async with parts.sessions.begin() as session:
        token = await read_work(session, given.work)
        row = await marks.place_issuers(
            session, parts, parts.clock(), token=token, kind=given.kind, reason=given.reason
        )
    told = {"token": token.caip19, "mark": str(row.mark_hash), "kind": row.kind}
    return told, [f"{token.caip19} is marked as {row.kind}: {row.mark_hash}"]


async def _take_back(parts: Parts, given: argparse.Namespace) -> Told:
    from api.standing import marks
    from nft.types import Digest

    name = Digest.parse(given.mark)
    async with parts.sessions.begin() as session:
        token = await read_work(session, given.work)
        await marks.take_back_as_issuer(
            session, parts.clock(), token=token, name=name, reason=given.reason
        )
    told = {"token": token.caip19, "mark": str(name), "taken_back": True}
    return told, [f"{token.caip19}: the mark {name} is taken back"]


async def _answer(parts: Parts, given: argparse.Namespace) -> Told:
    from api.standing import claims

    async with parts.sessions.begin() as session:
        found = await claims.answer_as_issuer(
            session, parts.clock(), claim_id=given.claim, words=given.words
        )
    return _claim(found)


async def _decide(parts: Parts, given: argparse.Namespace) -> Told:
    """Decision and status in one transaction: both, or neither."""
    from api.standing import claims

    async with parts.sessions.begin() as session:
        found = await claims.decide(
            session,
            parts.clock(),
            claim_id=given.claim,
            decision=given.decision,
            reason=given.reason,
        )
        word = _status_of(given)
        if word:
            await _change(session, parts, found, word)
    told, lines = _claim(found)
    more = [f"the certificate is {word}"] if word else []
    return told | {"certificate": word or None}, lines + more


def _status_of(given: argparse.Namespace) -> str:
    if given.suspend:
        return "suspended"
    return "revoked" if given.revoke else ""


async def _change(session: AsyncSession, parts: Parts, claim: Claim, word: str) -> None:
    from api.certificates import status
    from api.standing.claims import token_of
    from nft.anchors import Status

    token = token_of(claim.row)
    version = await read_version(session, token, None)
    turn = status.Change(
        Status[word.upper()], "not_the_artist", f"claim {claim.row.id}", parts.clock()
    )
    await status.change(session, token, version, turn)


def _claim(found: Claim) -> Told:
    told = {"claim": found.row.id, "state": found.course.state}
    return told, [f"claim {found.row.id} is {found.course.state}"]

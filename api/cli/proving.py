"""
`vernissage index prove`: how far the mirror is proven, or every block of it once more.
"""

from __future__ import annotations

from typing import Any

from api.cli.drawing import Drawing
from indexer.full_proof import FullProof, NothingToProve, prove_all
from indexer.prove import Prover, Tally
from indexer.run import connected
from nft.chain.client import Web3Chain
from nft.chain.deployments import Deployment


def proved(
    url: str, deployment: Deployment, urls: tuple[str, ...], given: Any, drawing: Drawing
) -> tuple[dict[str, Any], str]:
    """Prove one chain's mirror, and say what came of it."""
    chain_id = deployment.chain_id
    chain = Web3Chain(chain_id, urls)
    with connected(url) as connection:
        if given.all:
            proof = prove_all(
                connection,
                chain,
                deployment,
                report=lambda so_far, number: drawing.compared(chain_id, "blocks", so_far.headers),
            )
            return all_document(chain_id, proof), "\n".join(all_lines(chain_id, proof))
        prover = Prover(connection, chain, deployment)
        standing = prover.standing()
        if standing is None:
            raise NothingToProve(chain_id)
        while prover.step(standing.number):
            drawing.compared(chain_id, "blocks", prover.tally.headers)
        return _document(chain_id, standing.number, prover.tally)


def _document(chain_id: int, number: int, tally: Tally) -> tuple[dict[str, Any], str]:
    document = {
        "chain_id": str(chain_id),
        "proved_number": str(number),
        "headers": tally.headers,
        "receipts_roots": tally.blocks,
        "logs": tally.logs,
        "amended": tally.amended,
    }
    return document, (
        f"chain {chain_id}: proven up to block {number:,}: {tally.headers:,} headers, "
        f"{tally.blocks:,} receipts roots, {tally.logs:,} logs; {tally.amended:,} blocks put right"
    )


def all_document(chain_id: int, proof: FullProof) -> dict[str, Any]:
    """A full proof as JSON, with the first thousand differences."""
    return {
        "chain_id": str(chain_id),
        "first_block": str(proof.first),
        "last_block": str(proof.last),
        "headers": proof.headers,
        "receipts_roots": proof.blocks,
        "logs": proof.logs,
        "transfers": proof.transfers,
        "breaks_of_custody": proof.breaks,
        "seconds": {part: round(took, 3) for part, took in proof.seconds.items()},
        "differences": proof.differences[:1000],
        "difference_count": len(proof.differences),
        "equal": not proof.differences,
    }


def all_lines(chain_id: int, proof: FullProof) -> list[str]:
    """The same in words, each difference first."""
    parts = ", ".join(f"{part} {took:.2f} s" for part, took in proof.seconds.items())
    found = len(proof.differences)
    return [
        *proof.differences,
        f"chain {chain_id}, blocks {proof.first:,} to {proof.last:,}: {proof.headers:,} headers, "
        f"{proof.blocks:,} receipts roots, {proof.logs:,} logs, {proof.transfers:,} transfers, "
        f"{proof.breaks:,} breaks of custody proven to be contracts' own",
        f"{parts}; {sum(proof.seconds.values()):.2f} s in all",
        "no difference" if not found else f"{found:,} differences",
    ]

"""
A second reading: the transfers of a contract in a block, as web3.py reads them.

The door that the indexer uses cuts topics out of bytes by itself. An audit that went through the
same door would repeat its mistakes; web3.py shares neither its requests nor its decoding. It costs
some seventy times as much a log, and takes its time to import: only audits come here.
"""

from __future__ import annotations

from typing import Any, cast

import requests
from web3 import HTTPProvider, Web3
from web3.exceptions import LogTopicError, MismatchedABI, Web3Exception
from web3.types import FilterParams

from nft import recursion
from nft.chain.endpoints import name_of
from nft.chain.protocol import Moved
from nft.errors import ChainUnreachable
from nft.types import Address, Digest

recursion.restore()

_TRANSFER: dict[str, Any] = {
    "type": "event",
    "name": "Transfer",
    "anonymous": False,
    "inputs": [
        {"name": "from", "type": "address", "indexed": True},
        {"name": "to", "type": "address", "indexed": True},
        {"name": "tokenId", "type": "uint256", "indexed": True},
    ],
}


def transfers(url: str, contract: Address, block_hash: Digest, *, seconds: float) -> list[Moved]:
    """A contract's transfers in a block, in order. Raises `ChainUnreachable`."""
    with requests.Session() as session:
        session.trust_env = False
        provider = HTTPProvider(
            url,
            session=session,
            request_kwargs={"timeout": seconds},
            exception_retry_configuration=None,
        )
        reader = Web3(provider)
        event = reader.eth.contract(abi=[cast("Any", _TRANSFER)]).events.Transfer()
        asked: dict[str, Any] = {
            "address": Web3.to_checksum_address(bytes(contract)),
            "topics": [Web3.keccak(text="Transfer(address,address,uint256)").to_0x_hex()],
            "blockHash": bytes(block_hash),
        }
        try:
            logs = reader.eth.get_logs(cast("FilterParams", asked))
        except (requests.RequestException, Web3Exception, ValueError) as error:
            raise ChainUnreachable(f"{name_of(url)}: {type(error).__name__}") from error
        return sorted(moved for log in logs if (moved := _moved(event, log)) is not None)


def _moved(event: Any, log: Any) -> Moved | None:
    """None for an ERC-20's event of the same name, whose amount is no topic."""
    try:
        told = event.process_log(log)
    except (LogTopicError, MismatchedABI):
        return None
    given = told["args"]
    return Moved(
        told["logIndex"],
        Address.parse(given["from"]),
        Address.parse(given["to"]),
        given["tokenId"],
    )

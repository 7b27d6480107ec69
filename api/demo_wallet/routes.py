"""
`/demo/people` and `/demo/rpc`: what the demo wallet in the page speaks to.
"""

from __future__ import annotations

from typing import Any

import httpx
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from api.accounts.deps import check_origin
from api.demo.people import PEOPLE
from api.deps import PartsDep
from api.parts import Parts
from nft.errors import ChainUnreachable, Missing, Refused
from nft.types import Address

router = APIRouter(prefix="/demo", include_in_schema=False)

LOCAL_CHAIN = 31337
DEADLINE_SECONDS = 10

READING = frozenset(
    {
        "eth_blockNumber",
        "eth_call",
        "eth_chainId",
        "eth_estimateGas",
        "eth_gasPrice",
        "eth_getBalance",
        "eth_getTransactionByHash",
        "eth_getTransactionCount",
        "eth_getTransactionReceipt",
    }
)
# Which parameter names the account that acts.
ACTING = {"eth_sendTransaction": 0, "eth_signTypedData_v4": 0, "personal_sign": 1}


class NoDemoWallet(Missing):
    """This exchange does not stand on a local test chain."""

    def __init__(self) -> None:
        super().__init__("there is a demo wallet on the local test chain only")


class MethodNotAllowed(Refused):
    """The demo wallet does not do that."""

    def __init__(self, method: str) -> None:
        super().__init__(f"the demo wallet does not offer {method[:60]!r}")


class NotADemoAccount(Refused):
    """The demo wallet acts for its own people only."""

    def __init__(self) -> None:
        super().__init__("the demo wallet acts for its own people only")


class Call(BaseModel):
    """A JSON-RPC request, the parts that matter."""

    model_config = ConfigDict(extra="ignore")

    id: int | str | None = 1
    method: str = Field(max_length=80)
    params: list[Any] = Field(default_factory=list, max_length=8)


class PersonOut(BaseModel):
    """One of the demo wallet's people."""

    name: str
    role: str
    address: str


@router.get("/people")
async def list_people(parts: PartsDep) -> list[PersonOut]:
    """Who is in the demo wallet."""
    accounts = await _accounts(_node(parts))
    return [PersonOut(name=p.name, role=p.role, address=str(accounts[p.index])) for p in PEOPLE]


@router.post("/rpc")
async def call_node(body: Call, request: Request, parts: PartsDep) -> dict[str, Any]:
    """Hand an allowed request on to the local node, which signs for its own accounts."""
    check_origin(request, parts)
    node = _node(parts)
    accounts = await _accounts(node)
    people = [str(accounts[person.index]) for person in PEOPLE]
    if body.method in ("eth_accounts", "eth_requestAccounts"):
        return {"jsonrpc": "2.0", "id": body.id, "result": people}
    if body.method in ACTING:
        if _actor(body) not in people:
            raise NotADemoAccount
    elif body.method not in READING:
        raise MethodNotAllowed(body.method)
    found = await _ask(node, body.method, body.params)
    return found | {"id": body.id}


def _node(parts: Parts) -> str:
    chain = parts.chains.get(LOCAL_CHAIN)
    if chain is None or not chain.public_rpc_urls:
        raise NoDemoWallet
    return chain.public_rpc_urls[0]


async def _accounts(node: str) -> list[Address]:
    """The node's unlocked accounts, once it has said that its chain is the local one."""
    chain_id = await _ask(node, "eth_chainId", [])
    if chain_id.get("result") != hex(LOCAL_CHAIN):
        raise NoDemoWallet
    listed = (await _ask(node, "eth_accounts", [])).get("result") or []
    if len(listed) <= max(person.index for person in PEOPLE):
        raise NoDemoWallet
    return [Address.parse(text) for text in listed]


def _actor(body: Call) -> str | None:
    place = ACTING[body.method]
    if len(body.params) <= place:
        return None
    named = body.params[place]
    if isinstance(named, dict):
        named = named.get("from")
    return str(Address.parse(named)) if isinstance(named, str) else None


async def _ask(node: str, method: str, params: list[Any]) -> dict[str, Any]:
    asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    try:
        async with httpx.AsyncClient(timeout=DEADLINE_SECONDS, trust_env=False) as client:
            answered = await client.post(node, json=asked)
        found: dict[str, Any] = answered.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ChainUnreachable(type(error).__name__) from error
    return found

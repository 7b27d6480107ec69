"""
`/api/bindings`, `/api/claims`, and below a certificate what others say of it.

Nothing here is ever deleted, so no route deletes.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from starlette.responses import Response

from api.accounts.deps import AccountDep
from api.chains import mirror
from api.deps import NowDep, PartsDep, ReadSessionDep, chain_of
from api.etags import public_json
from api.idempotency import Made
from api.intents.queries import describe
from api.intents.schemas import IntentOut
from api.orders.wire import read_signature
from api.orders.writing import Writing, WritingDep
from api.standing import bindings, claims, countersignatures, marks, queries
from api.standing.claims import Claim
from api.standing.errors import EvidenceLacking
from api.standing.schemas import (
    BindingIn,
    BindingList,
    BindingOut,
    ClaimIn,
    ClaimList,
    ClaimOut,
    CountersignatureList,
    CountersignatureOut,
    MarkIn,
    MarkOut,
    PrepareBindingIn,
    PreparedBindingOut,
    PrepareMarkIn,
    PrepareTakeBackIn,
    PublishOut,
    ReasonIn,
    StandingOut,
    TakeBackIn,
    WordsIn,
)
from api.tokens.deps import MAX_CHAIN_ID, TokenDep, read_address, read_hash, read_token, read_uint
from api.tokens.queries import get_token
from nft.bindings import Binding
from nft.domains import DomainInvalid, parse_did_web, parse_domain
from nft.errors import NoSuchToken
from nft.marks import Mark, TakenBack
from nft.types import Address, Digest, TokenRef

router = APIRouter(prefix="/api", tags=["standing"])

WORK = "/certificates/{chain_id}/{contract}/{token_id}"
MAX_SECONDS = 2**53
PRIVATE = {"Cache-Control": "no-store"}


@router.post("/bindings/prepare", status_code=201, response_model=PreparedBindingOut)
async def prepare_binding(
    body: PrepareBindingIn, writing: WritingDep, account: AccountDep
) -> Response:
    """Both sides of a binding: what the domain must publish, and what the account signs."""
    binding = _asked(body, account, int(writing.now.timestamp()))

    async def make() -> Made:
        row = await bindings.prepare(writing.session, writing.parts, writing.now, binding=binding)
        intent = await describe(writing.session, writing.parts, row, now=writing.now)
        publish = PublishOut(url=binding.url, document=binding.to_publish())
        headers = {"Location": f"/api/intents/{intent.id}", **PRIVATE}
        return Made(PreparedBindingOut(publish=publish, intent=intent), headers)

    return await writing.once(account, make)


def _asked(body: PrepareBindingIn, account: Address, issued_at: int) -> Binding:
    chain_id = read_uint("chain_id", body.chain_id, maximum=MAX_CHAIN_ID)
    if (body.domain is None) == (body.did is None):
        raise DomainInvalid("give one of `domain` and `did`")
    if body.did is not None:
        domain = parse_did_web(body.did)
        return Binding(
            chain_id=chain_id,
            account=account,
            domain=domain,
            method="did:web",
            issued_at=issued_at,
        )
    return Binding(
        chain_id=chain_id,
        account=account,
        domain=parse_domain(body.domain or ""),
        method="well-known",
        issued_at=issued_at,
    )


@router.post("/bindings", status_code=201, response_model=BindingOut)
async def make_binding(body: BindingIn, writing: WritingDep) -> Response:
    """Take a binding: the signature is checked, then the domain is asked whether it agrees."""
    domain = parse_domain(body.domain)
    binding = Binding(
        chain_id=read_uint("chain_id", body.chain_id, maximum=MAX_CHAIN_ID),
        account=read_address("account", body.account),
        domain=domain,
        method=body.method,
        issued_at=read_uint("issued_at", body.issued_at, maximum=MAX_SECONDS),
    )
    if domain != body.domain:
        raise DomainInvalid(f"write it as it was signed: {domain}")

    async def make() -> Made:
        signature = read_signature(body.signature)
        row = await bindings.place(
            writing.session, writing.parts, writing.now, binding=binding, signature=signature
        )
        held = await bindings.find(writing.session, row.binding_hash)
        out = queries.binding_out(held, writing.now)
        return Made(out, {"Location": f"/api/bindings/{out.id}"})

    return await writing.once(None, make)


@router.get("/bindings", response_model=BindingList)
async def list_bindings(
    request: Request,
    session: ReadSessionDep,
    now: NowDep,
    account: Annotated[str, Query(max_length=60)],
) -> Response:
    """All bindings of an account that ever were, those that were lost too."""
    found = await bindings.of_account(session, read_address("account", account), None)
    items = [queries.binding_out(one, now) for one in found]
    return public_json(request, BindingList(items=items))


@router.get("/bindings/{binding_id}", response_model=BindingOut)
async def get_binding(
    binding_id: str, request: Request, session: ReadSessionDep, now: NowDep
) -> Response:
    """One binding, with every turn that its domain took."""
    found = await bindings.find(session, read_hash(binding_id))
    return public_json(request, queries.binding_out(found, now))


@router.post("/bindings/{binding_id}/withdraw", response_model=BindingOut)
async def withdraw_binding(binding_id: str, writing: WritingDep, account: AccountDep) -> Response:
    """The account no longer says so; that it did stays."""

    async def make() -> Made:
        name = read_hash(binding_id)
        await bindings.withdraw(writing.session, name, account, writing.now)
        await writing.session.flush()
        held = await bindings.find(writing.session, name)
        return Made(queries.binding_out(held, writing.now), status=200)

    return await writing.once(account, make)


@router.get(WORK + "/standing", response_model=StandingOut)
async def get_standing(
    token: TokenDep, request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep
) -> Response:
    """How much stands behind a certificate, and all that others say of the work."""
    work = await get_token(session, parts, token)
    found = await queries.standing_of(session, parts, token, work, now)
    head = mirror.head_header(await mirror.heads(session), token.chain_id)
    return public_json(request, found, headers=head)


Document = Annotated[dict[str, Any], Body()]


@router.get(WORK + "/countersignatures", response_model=CountersignatureList)
async def list_countersignatures(
    token: TokenDep, request: Request, session: ReadSessionDep, parts: PartsDep
) -> Response:
    """Every gallery's word for this work's certificates, those withdrawn too."""
    work = await get_token(session, parts, token)
    shown = await countersignatures.of_token(session, token)
    items = [queries.countersignature_out(one, work.metadata_digest) for one in shown]
    return public_json(request, CountersignatureList(items=items))


@router.post(WORK + "/countersignatures", status_code=201, response_model=CountersignatureOut)
async def countersign(token: TokenDep, document: Document, writing: WritingDep) -> Response:
    """Take a gallery's countersignature: the body is the document itself."""

    async def make() -> Made:
        row, is_new = await countersignatures.place(
            writing.session, writing.parts, writing.now, token=token, document=document
        )
        out = await _countersignature(writing, token, row.countersignature_hash)
        return Made(out, status=201 if is_new else 200)

    return await writing.once(None, make)


@router.post(WORK + "/countersignatures/{name}/withdraw", response_model=CountersignatureOut)
async def withdraw_countersignature(
    token: TokenDep, name: str, document: Document, writing: WritingDep
) -> Response:
    """The gallery takes its word back: the body is a `CountersignatureWithdrawal` of its own."""

    async def make() -> Made:
        await countersignatures.withdraw(
            writing.session,
            writing.parts,
            writing.now,
            token=token,
            name=read_hash(name),
            withdrawal=document,
        )
        return Made(await _countersignature(writing, token, read_hash(name)), status=200)

    return await writing.once(None, make)


async def _countersignature(writing: Writing, token: TokenRef, name: Digest) -> CountersignatureOut:
    work = await get_token(writing.session, writing.parts, token)
    shown = await countersignatures.find(writing.session, token, name)
    return queries.countersignature_out(shown, work.metadata_digest)


@router.post(WORK + "/marks/prepare", status_code=201, response_model=IntentOut)
async def prepare_mark(token: TokenDep, body: PrepareMarkIn, writing: WritingDep) -> Response:
    """The signature by which an owner says that a work is lost or was stolen."""
    owner = read_address("owner", body.owner)
    preparing = partial(marks.prepare, token=token, owner=owner, kind=body.kind, reason=body.reason)
    return await writing.prepare(owner, preparing)


@router.post(WORK + "/marks", status_code=201, response_model=MarkOut)
async def set_mark(token: TokenDep, body: MarkIn, writing: WritingDep) -> Response:
    """Take an owner's mark; whose the work is, the chain is asked now."""
    mark = Mark(
        token=token,
        kind=body.kind,
        reason=body.reason,
        transfer_count=read_uint("transfer_count", body.transfer_count),
        issued_at=read_uint("issued_at", body.issued_at, maximum=MAX_SECONDS),
    )
    owner = read_address("owner", body.owner)

    async def make() -> Made:
        row = await marks.place(
            writing.session,
            writing.parts,
            writing.now,
            mark=mark,
            owner=owner,
            signature=read_signature(body.signature),
        )
        return Made(queries.mark_out(row))

    return await writing.once(None, make)


@router.post(WORK + "/marks/{name}/take-back/prepare", status_code=201, response_model=IntentOut)
async def prepare_take_back(
    token: TokenDep, name: str, body: PrepareTakeBackIn, writing: WritingDep
) -> Response:
    """The signature by which whoever set a mark takes it back."""

    async def make() -> Made:
        row = await marks.prepare_taking_back(
            writing.session, writing.now, token=token, name=read_hash(name), reason=body.reason
        )
        intent = await describe(writing.session, writing.parts, row, now=writing.now)
        return Made(intent, {"Location": f"/api/intents/{intent.id}", **PRIVATE})

    return await writing.once(None, make)


@router.post(WORK + "/marks/{name}/take-back", response_model=MarkOut)
async def take_back(token: TokenDep, name: str, body: TakeBackIn, writing: WritingDep) -> Response:
    """Take back a mark; that it was set, and why, stays."""
    back = TakenBack(
        token=token,
        mark=read_hash(name),
        reason=body.reason,
        issued_at=read_uint("issued_at", body.issued_at, maximum=MAX_SECONDS),
    )

    async def make() -> Made:
        row = await marks.take_back(
            writing.session,
            writing.parts,
            writing.now,
            back=back,
            signature=read_signature(body.signature),
        )
        return Made(queries.mark_out(row), status=200)

    return await writing.once(None, make)


@router.post("/claims", status_code=201, response_model=ClaimOut)
async def make_claim(body: ClaimIn, writing: WritingDep, account: AccountDep) -> Response:
    """Claim against a work, with an earlier work of yours or a domain that is bound to you."""
    token = read_token(body.chain_id, body.contract, body.token_id)
    chain_of(writing.parts, token.chain_id)
    asset, binding = body.evidence.asset, body.evidence.binding
    if (asset is None) == (binding is None):
        raise EvidenceLacking("give one of `asset` and `binding`")
    claim = Claim(
        token=token,
        claimant=account,
        basis="earlier_work" if binding is None else "bound_domain",
        shown=asset or binding or "",
        reason=body.reason,
    )

    async def make() -> Made:
        row = await claims.place(writing.session, writing.parts, writing.now, claim=claim)
        out = queries.claim_out(await claims.find(writing.session, row.id))
        return Made(out, {"Location": f"/api/claims/{out.id}"})

    return await writing.once(account, make)


@router.get("/claims", response_model=ClaimList)
async def list_claims(
    request: Request,
    session: ReadSessionDep,
    asset: Annotated[str, Query(max_length=400)],
) -> Response:
    """All claims that ever were against a work, named by its CAIP-19 name."""
    token = TokenRef.parse_caip19(asset)
    if token.chain_id > MAX_CHAIN_ID:
        raise NoSuchToken(asset[:200])
    found = [queries.claim_out(one) for one in await claims.of_token(session, token)]
    return public_json(request, ClaimList(items=found))


@router.get("/claims/{claim_id}", response_model=ClaimOut)
async def get_claim(claim_id: str, request: Request, session: ReadSessionDep) -> Response:
    """One claim, with every answer."""
    return public_json(request, queries.claim_out(await claims.find(session, claim_id)))


@router.post("/claims/{claim_id}/answers", status_code=201, response_model=ClaimOut)
async def answer_claim(
    claim_id: str, body: WordsIn, writing: WritingDep, account: AccountDep
) -> Response:
    """Answer as the work's artist, its owner, or the claimant."""

    async def make() -> Made:
        told = await claims.answer(
            writing.session,
            writing.parts,
            writing.now,
            claim_id=claim_id,
            account=account,
            words=body.words,
        )
        return Made(queries.claim_out(told))

    return await writing.once(account, make)


@router.post("/claims/{claim_id}/withdraw", response_model=ClaimOut)
async def withdraw_claim(
    claim_id: str, body: ReasonIn, writing: WritingDep, account: AccountDep
) -> Response:
    """Withdraw a claim of one's own; it stays, with its date."""

    async def make() -> Made:
        told = await claims.withdraw(
            writing.session, writing.now, claim_id=claim_id, account=account, reason=body.reason
        )
        return Made(queries.claim_out(told), status=200)

    return await writing.once(account, make)

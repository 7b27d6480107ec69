// The report on an ownership extract: a work's state at one block, proven by the chain alone:
// nft/verification/extract.py.

import { checksummed, equal, hex0x } from "./bytes.js";
import { believe, checkBlocks, checkChainId, readProofs } from "./blocks.js";
import { findCollection } from "./chain.js";
import { readExtract } from "./extract_claims.js";
import { ownerOf } from "./foreign.js";
import { LayoutUnknown, NotShown, findWork, isOurs } from "./layouts.js";
import { checkChainOfOwners, checkLines, findLines } from "./provenance.js";
import { Malformed, timeOf } from "./reading.js";
import { asCheck, failed, passed, refused, report, unchecked, unlessUnlinked } from "./report.js";

export { FORMAT } from "./extract_claims.js";

const NOBODY = new Uint8Array(20);

export function verifyExtract(document, inputs, more = []) {
  let claims;
  try {
    claims = readExtract(document);
  } catch (error) {
    if (error instanceof Malformed) return refused("document.malformed");
    throw error;
  }
  const proofs = readProofs(claims.evidence);
  const links = claims.links === null ? null : readProofs(claims.links);
  const believed = believe(claims.chainId, inputs, [proofs, links, ...more].filter((one) => one !== null));
  const state = stateOf(claims, believed);
  const lines = findLines(claims, believed, state.collection?.exchange ?? null);
  const [blocks, trust] = checkBlocks(believed, numbersOf(claims));
  const checks = [
    asCheck(passed("document.extract", claims.asset), "document", true),
    asCheck(evidenceOf(claims, proofs, links), "evidence", true),
    ...blocks,
    ...checkChainId(claims.chainId, inputs),
    ...checkState(claims, state),
    ...checkLines(lines),
    checkChainOfOwners(claims, lines, state.owner),
  ];
  return report(checks, trust);
}

function numbersOf(claims) {
  const found = claims.items.filter((item) => item.where !== null).map((item) => item.where.block);
  return claims.layout === null ? found : [...found, claims.block];
}

function evidenceOf(claims, proofs, links) {
  const shown = claims.layout ?? "";
  if (proofs === null || (links === null && claims.links !== null)) return failed("evidence.fail", shown);
  const isOfChain = [proofs, links].every((one) => one === null || one.chainId === claims.chainId);
  return isOfChain ? passed("evidence.pass", shown) : failed("evidence.chain", shown);
}

function checkState(claims, state) {
  const attested = unchecked("owner.attested", claims.owner ? checksummed(claims.owner) : "");
  return [
    [state.contract, "chain.contract", isOurs(claims.layout)],
    [state.owner ?? attested, "chain.owner", true],
    [state.metadata, "chain.metadata", false],
    [state.royalty, "chain.royalty", false],
  ]
    .filter(([found]) => found !== null)
    .map(([found, id, isRequired]) => asCheck(found, id, isRequired));
}

// Description and royalty where the layout says nothing of them: told, and not proven.
const unread = ({ metadataDigest, royaltyReceiver }) => ({
  metadata: metadataDigest && unchecked("metadata.unread", hex0x(metadataDigest)),
  royalty: royaltyReceiver && unchecked("royalty.unread", checksummed(royaltyReceiver)),
});

const NOTHING = { contract: null, owner: null, metadata: null, royalty: null, collection: null };

function stateOf(claims, believed) {
  const nothing = { ...NOTHING, ...unread(claims) };
  if (claims.layout === null) return nothing;
  const held = (found) => found && unlessUnlinked(found, claims.block, believed.isLinked(claims.block));
  if (!isOurs(claims.layout)) {
    return { ...nothing, contract: unchecked("contract.presumed", claims.layout, { layout: claims.layout }), owner: held(presumed(claims, believed)) };
  }
  const { proven } = believed;
  const [contract, collection] = findCollection(proven, claims.chainId, claims.block, claims.contract, claims.layout);
  if (collection === null) return { ...nothing, contract, owner: unchecked("chain.layout", claims.owner ? checksummed(claims.owner) : "") };
  const work = findWork(proven, claims.block, claims, collection);
  const owner = isOfBlock(claims, proven) ? ownerIn(claims, work) : failed("extract.block", hex0x(claims.blockHash));
  return { contract: held(contract), owner: held(owner), metadata: held(metadataIn(claims, work)), royalty: held(royaltyIn(claims, work)), collection };
}

// Hash and time are the header's: an old state is not to pass for that of today.
function isOfBlock(claims, proven) {
  const header = proven.block(claims.block);
  return header !== null && equal(header.hash, claims.blockHash) && timeOf(header.timestamp) === claims.timestamp;
}

// The owner under a layout that is commonly used, and presumed here.
function presumed(claims, { proven }) {
  const shown = checksummed(claims.owner ?? NOBODY);
  if (!isOfBlock(claims, proven)) return failed("extract.block", hex0x(claims.blockHash));
  let owner;
  try {
    owner = ownerOf(proven, claims.block, claims, claims.layout);
  } catch (error) {
    if (!(error instanceof NotShown || error instanceof LayoutUnknown)) throw error;
    return failed("owner.unread", shown);
  }
  const isSame = owner === null || claims.owner === null ? owner === claims.owner : equal(owner, claims.owner);
  if (!isSame) return failed("owner.differs", shown, { number: String(claims.block) });
  return passed(owner === null ? "owner.nobody" : "owner.uncounted", shown, { owner: shown, number: String(claims.block), layout: claims.layout });
}

function ownerIn(claims, { word }) {
  const shown = checksummed(claims.owner ?? NOBODY);
  const number = String(claims.block);
  if (word === null) return failed("owner.unread", shown);
  if (checksummed(word.owner) !== shown) return failed("owner.differs", shown, { number });
  const isCount = claims.transferCount !== null && word.transferCount === BigInt(claims.transferCount);
  if (!isCount || word.isFrozen !== claims.isFrozen) return failed("owner.count", shown, { number });
  const nobody = word.transferCount ? "owner.burned" : "owner.unborn";
  return passed(claims.owner === null ? nobody : "owner.proven", shown, { owner: shown, count: String(word.transferCount), number });
}

function metadataIn(claims, work) {
  if (claims.metadataDigest === null || work.word === null) return null;
  const shown = hex0x(claims.metadataDigest);
  if (work.digest === null) return unchecked("metadata.unread", shown);
  const values = { number: String(claims.block) };
  if (!equal(work.digest, claims.metadataDigest)) return failed("metadata.differs", shown, values);
  return passed(work.word.isFrozen ? "metadata.frozen" : "metadata.proven", shown, values);
}

function royaltyIn(claims, work) {
  if (claims.royaltyBps === null || work.word === null) return null;
  const shown = checksummed(claims.royaltyReceiver);
  if (work.receiver === null) return unchecked("royalty.unread", shown);
  const told = { bps: String(work.word.royaltyBps), receiver: checksummed(work.receiver), number: String(claims.block) };
  const isSame = work.word.royaltyBps === BigInt(claims.royaltyBps) && equal(work.receiver, claims.royaltyReceiver);
  return isSame ? passed("royalty.proven", shown, told) : failed("royalty.other", shown, told);
}

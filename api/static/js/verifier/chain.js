// What the chain says of a certificate's work: by proof in a linked block, or by a node's word:
// nft/verification/chain.py and state.py. A contradiction fails whoever utters it.

import { checksummed, equal, hex, hex0x, keccak, toNumber, unhex, utf8, word } from "./bytes.js";
import { LayoutUnknown, NotShown, findWork, ourCollection } from "./layouts.js";
import { timeOf } from "./reading.js";
import { asCheck, failed, passed, together, unchecked, unlessUnlinked } from "./report.js";
import { NO_CODE } from "./state.js";

const TRANSFER = unhex("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
const MINTED = keccak(utf8("Minted(uint256,bytes32,uint16,address)"));

// {mint, contract, metadata, royalty} by the proofs; nothing is a fact whose block is not linked.
export function findFacts(claims, place, believed) {
  const held = (found, number) => unlessUnlinked(found, number, believed.isLinked(number));
  const [contract, metadata, royalty] = findState(claims, place, believed.proven).map((found) => held(found, place.stateBlock));
  return { mint: held(mintOf(claims, place, believed.proven), place.mintBlock), contract, metadata, royalty, owner: null };
}

// [from, to] of a log that moves a token; null when it is no such Transfer.
export function moves(log, contract, tokenId) {
  const { topics } = log;
  const isTransfer = equal(log.address, contract) && topics.length === 4 && equal(topics[0], TRANSFER) && equal(topics[3], word(tokenId));
  const parties = topics.slice(1, 3);
  if (!isTransfer || log.data.length || parties.some((topic) => topic.subarray(0, 12).some(Boolean))) return null;
  return parties.map((topic) => topic.subarray(12));
}

// The hash that was claimed, where it is proven: no receipt holds it.
export const transactionOf = (told, claimed) => (told.transactionHash === null ? "" : hex0x(claimed));

function mintOf(claims, place, proven) {
  const transaction = hex0x(claims.mint.transaction);
  const number = place.mintBlock;
  const shown = proven.receipt(number, place.mintIndex);
  if (shown === null || number !== claims.mint.block) return failed("mint.receipt", transaction);
  const isBlock = equal(shown.block.hash, claims.mint.blockHash) && timeOf(shown.block.timestamp) === claims.mint.timestamp;
  if (!isBlock) return failed("mint.block", transaction);
  const hash = shown.told.transactionHash;
  if (hash !== null && !equal(hash, claims.mint.transaction)) return failed("mint.transaction", transaction);
  const log = shown.told.logs[place.mintLog];
  const moved = log ? moves(log, claims.contract, claims.tokenId) : null;
  if (moved === null || moved[0].some(Boolean)) return failed("mint.receipt", transaction);
  return passed("mint.proven", transactionOf(shown.told, claims.mint.transaction), { number: String(number), index: String(place.mintIndex), log: String(place.mintLog) });
}

// [whether the code is that of the layout named, the collection]
export function findCollection(proven, chainId, block, contract, layout) {
  const shown = checksummed(contract);
  const account = proven.account(block, contract);
  if (account === null) return [failed("contract.unread", shown), null];
  if (equal(account.told.codeHash, NO_CODE)) return [failed("contract.none", shown), null];
  let found;
  try {
    found = ourCollection(proven, chainId, block, contract);
  } catch (error) {
    if (error instanceof NotShown) return [failed("contract.unread", shown), null];
    if (error instanceof LayoutUnknown) return [unchecked("contract.unknown", shown), null];
    throw error;
  }
  if (found.layout !== layout) return [failed("contract.layout", shown), null];
  return [passed(found.isClone ? "contract.clone" : "contract.known", shown, { name: layout, number: String(block) }), found];
}

// [contract, metadata, royalty] of a certificate's work.
function findState(claims, place, proven) {
  const [contract, collection] = findCollection(proven, claims.chainId, place.stateBlock, claims.contract, place.layout);
  if (collection === null) {
    return [contract, unchecked("chain.layout", hex0x(claims.metadataDigest)), unchecked("chain.layout", checksummed(claims.mint.royaltyReceiver))];
  }
  const work = findWork(proven, place.stateBlock, claims, collection);
  return [contract, metadataOf(claims, work, place.stateBlock), royaltyOf(claims, place, work, proven)];
}

function metadataOf(claims, work, block) {
  const shown = hex0x(claims.metadataDigest);
  if (work.word === null || work.digest === null) return failed("metadata.unread", shown);
  if (!work.word.owner.some(Boolean)) return failed("metadata.gone", shown);
  if (!equal(work.digest, claims.metadataDigest)) return failed("metadata.differs", shown, { number: String(block) });
  return passed(work.word.isFrozen ? "metadata.frozen" : "metadata.proven", shown, { number: String(block) });
}

function royaltyOf(claims, place, work, proven) {
  const shown = checksummed(claims.mint.royaltyReceiver);
  const isStated = ({ bps, receiver }) => bps === BigInt(claims.mint.royaltyBps) && equal(receiver, claims.mint.royaltyReceiver);
  const minted = mintedWith(claims, place, proven);
  if (minted && !isStated(minted)) return failed("royalty.differs", shown, { bps: String(minted.bps), receiver: checksummed(minted.receiver) });
  if (work.word === null || work.receiver === null) return failed("royalty.unread", shown);
  const found = { bps: work.word.royaltyBps, receiver: work.receiver };
  const told = { bps: String(found.bps), receiver: checksummed(found.receiver), number: String(place.stateBlock) };
  if (isStated(found)) return passed("royalty.proven", shown, told);
  return minted?.isLinked ? passed("royalty.changed", shown, told) : unchecked("royalty.unminted", shown, told);
}

// Royalty and receiver that the mint's own event names; null where there is no such event.
function mintedWith(claims, place, proven) {
  const shown = proven.receipt(place.mintBlock, place.mintIndex);
  for (const { address, topics, data } of shown?.told.logs ?? []) {
    const isOfToken = equal(address, claims.contract) && topics.length === 2 && equal(topics[0], MINTED) && equal(topics[1], word(claims.tokenId));
    if (isOfToken && data.length === 96 && !data.subarray(64, 76).some(Boolean)) {
      return { bps: toNumber(data.subarray(32, 64)), receiver: data.subarray(76), isLinked: shown.block.linked !== "no" };
    }
  }
  return null;
}

// The chain's lines, each by proof, by the node's word, or not at all.
export function checkChain(claims, facts, node) {
  // Whoever speaks of the chain now, the issuer did not.
  if (claims.mint === null) return [asCheck(unchecked("mint.unminted"), "chain.mint", true)];
  const sources = facts ? [facts] : [];
  if (node && node.chainId === claims.chainId) sources.push(said(claims, node));
  const why = claims.place === null ? "chain.unasked" : "chain.unproven";
  const line = (id, name, shown) => asCheck(together(...sources.map((one) => one[name]), unchecked(why, shown)), id, true);
  const more = (id, name) => sources.filter((one) => one[name] !== null).map((one) => asCheck(one[name], id, false));
  return [
    line("chain.mint", "mint", hex0x(claims.mint.transaction)),
    line("chain.contract", "contract", checksummed(claims.contract)),
    line("chain.metadata", "metadata", hex0x(claims.metadataDigest)),
    ...more("chain.royalty", "royalty"),
    ...more("chain.owner", "owner"),
  ];
}

function said(claims, node) {
  return { mint: mintBy(claims, node), contract: contractBy(claims, node), metadata: metadataBy(claims, node), royalty: null, owner: ownerBy(node) };
}

function mintBy(claims, node) {
  const transaction = hex0x(claims.mint.transaction);
  const number = String(claims.mint.block);
  if (!node.mintBlockHash || !equal(node.mintBlockHash, claims.mint.blockHash)) return failed("mint.fork", transaction, { number });
  if (!node.mintLogFound) return failed("mint.log", transaction);
  return passed("mint.node", transaction, { number, log: String(claims.mint.logIndex) });
}

function contractBy(claims, node) {
  const shown = checksummed(claims.contract);
  return node.hasCode ? passed("contract.node", shown) : failed("contract.none", shown);
}

function metadataBy(claims, node) {
  const shown = hex0x(claims.metadataDigest);
  if (!node.metadataDigest) return failed("metadata.gone", shown);
  return hex(node.metadataDigest) === hex(claims.metadataDigest) ? passed("metadata.node", shown) : failed("metadata.other", shown);
}

function ownerBy(node) {
  if (!node.owner) return null;
  const values = { owner: checksummed(node.owner), count: String(node.transferCount), bps: String(node.royaltyBps), number: String(node.headNumber) };
  return passed("owner.node", hex0x(node.headHash), values);
}

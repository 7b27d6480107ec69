// The report on a certificate, in the order in which a reader asks: nft/verification/certificate.py.

import { checksummed, equal } from "./bytes.js";
import { findAnchor, readAnchor } from "./anchor.js";
import { believe, checkBlocks, checkChainId, readProofs } from "./blocks.js";
import { checkChain, findFacts } from "./chain.js";
import { NotACertificate, readClaims } from "./claims.js";
import { decodeBase58 } from "./integrity.js";
import { keysBeside, keysOf, nameIssuer, signature } from "./issuer.js";
import { checkCountersignatures } from "./countersignature.js";
import { asCheck, failed, passed, refused, report } from "./report.js";
import { checkStatus } from "./status.js";
import { checkVoucher } from "./voucher.js";
import { checkCreator, checkDescription, checkMedia, checkStatement } from "./work.js";

// `more` is evidence of other documents at hand, whose links count too.
export async function verifyCertificate(document, inputs, more = []) {
  let claims;
  try {
    claims = readClaims(document);
  } catch (error) {
    if (error instanceof NotACertificate) return refused(error.message);
    throw error;
  }
  const held = hold(document, claims, inputs, more);
  const [lines, blocks] = checkedBlocks(held);
  const anchored = findAnchor(inputs.anchor, held.anchor, held.believed, claims.chainId, inputs.certificateSha256);
  const hasFacts = held.proofs !== null && held.proofs.chainId === claims.chainId;
  const checks = [
    asCheck(passed("document.certificate", assetOf(claims)), "document", true),
    ...checkIssuer(held, anchored),
    checkCreator(claims),
    checkDescription(document, claims),
    checkStatement(document, claims),
    ...checkVoucher(document, claims),
    ...checkMedia(claims, inputs.media),
    ...checkEvidence(held),
    ...lines,
    ...checkChainId(claims.chainId, inputs),
    ...checkChain(claims, hasFacts ? findFacts(claims, claims.place, held.believed) : null, inputs.chain),
    ...(await statusOf(held)),
    asCheck(anchored.found, "anchor", false),
    ...checkCountersignatures(claims, inputs),
  ];
  return report(checks, blocks);
}

export const assetOf = ({ chainId, contract, tokenId }) => `eip155:${chainId}/erc721:${checksummed(contract)}/${tokenId}`;

function hold(document, claims, inputs, more) {
  const proofs = claims.place ? readProofs(claims.place.proofs) : null;
  const anchor = readAnchor(inputs.anchor);
  const documents = [proofs, anchor?.proofs ?? null, ...more].filter((one) => one !== null);
  const believed = believe(claims.chainId, inputs, documents, nodeOf(claims, inputs));
  const [signed, key] = signature(document);
  return { document, claims, proofs, anchor, believed, inputs, signed, key };
}

// The node that was asked about the token also said the hash of its mint's block.
function nodeOf(claims, { chain: node, nodes }) {
  if (!node?.mintBlockHash || claims.mint === null || nodes.some((one) => one.source === node.source)) return [];
  return [{ source: node.source, chainId: node.chainId, hashes: new Map([[claims.mint.block, node.mintBlockHash]]) }];
}

function checkIssuer({ document, inputs, signed, key, anchor }, anchored) {
  const line = asCheck(signed, "issuer.signature", true);
  if (!key) return [line];
  let identity = nameIssuer(document, key, inputs, anchored.since);
  const isAnchored = anchor && anchored.key && equal(anchored.key, decodeBase58(key.slice(1)).subarray(2));
  if (identity.result === "not_checked" && isAnchored) identity = passed("identity.anchored", key, { anchorer: checksummed(anchor.claim.anchorer) });
  return [line, asCheck(identity, "issuer.identity", false)];
}

function checkEvidence({ claims, proofs }) {
  if (claims.place === null) return [];
  const { layout } = claims.place;
  let found = passed("evidence.pass", layout);
  if (proofs === null) found = failed("evidence.fail", layout);
  else if (proofs.chainId !== claims.chainId) found = failed("evidence.chain", layout);
  return [asCheck(found, "evidence", true)];
}

function checkedBlocks({ claims, believed, anchor }) {
  const numbers = [];
  const claimed = new Map();
  if (claims.place) numbers.push(claims.place.mintBlock, claims.place.stateBlock);
  else if (claims.mint) {
    numbers.push(claims.mint.block);
    claimed.set(claims.mint.block, claims.mint.blockHash);
  }
  if (anchor) numbers.push(anchor.claim.stateBlock);
  return checkBlocks(believed, numbers, { claimed });
}

function statusOf({ claims, document, inputs, key }) {
  const copied = inputs.issuerDocument ? keysOf(inputs.issuerDocument) : new Map();
  return checkStatus(claims.status, inputs.statusLists, document.issuer, { keys: keysBeside(key, inputs), copied });
}

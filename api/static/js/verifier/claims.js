// The parts of a certificate that checks compare, parsed once: nft/verification/claims.py.

import { canonical, isObject } from "./json.js";
import { Malformed, address, digest, items, member, small, text, uint } from "./reading.js";

const TYPE = "CertificateOfAuthenticity";
const CREDENTIALS = "https://www.w3.org/ns/credentials/v2";
const MAX_MEDIA = 64;

// The key of a sentence is the message.
export class NotACertificate extends Error {}

function versionOf(document) {
  const context = canonical(document["@context"] ?? null);
  return [1, 2].find((version) => context === canonical([CREDENTIALS, { "@vocab": `urn:vernissage:certificate:v${version}:` }])) ?? null;
}

export function readClaims(document) {
  try {
    const types = items(member(document, "type"));
    const version = versionOf(document);
    if (!types.includes(TYPE) || !types.includes("VerifiableCredential") || version === null) throw new NotACertificate("document.unknown");
    const subject = member(document, "credentialSubject");
    const media = items(member(subject, "media"));
    if (media.length > MAX_MEDIA) throw new NotACertificate("document.media");
    return claimsOf(document, subject, media, version);
  } catch (error) {
    if (error instanceof Malformed) throw new NotACertificate("document.malformed");
    throw error;
  }
}

function claimsOf(document, subject, media, version) {
  const token = member(subject, "token");
  const isOffered = Object.hasOwn(subject, "voucher");
  if (isOffered && (Object.hasOwn(subject, "mint") || Object.hasOwn(document, "evidence") || version === 1)) throw new Malformed("a work that is offered has no mint");
  if (Object.hasOwn(document, "validUntil")) throw new Malformed("a certificate has no end: it is called back");
  return {
    chainId: uint(member(token, "chain_id")),
    contract: address(member(token, "contract")),
    tokenId: uint(member(token, "token_id")),
    creator: address(member(subject, "creator", "address")),
    metadataDigest: digest(member(subject, "metadata", "sha256")),
    media: media.map((one) => ({ role: text(member(one, "role")), sha256: digest(member(one, "sha256")) })),
    // Null before the mint: a signed voucher stands in its place.
    mint: isOffered ? null : mintOf(member(subject, "mint")),
    version,
    place: placeOf(document, version),
    status: statusesOf(items(Object.hasOwn(document, "credentialStatus") ? document.credentialStatus : [])),
  };
}

function mintOf(mint) {
  return {
    transaction: digest(member(mint, "transaction_hash")),
    block: uint(member(mint, "block_number")),
    blockHash: digest(member(mint, "block_hash")),
    timestamp: text(member(mint, "timestamp")),
    logIndex: small(member(mint, "log_index")),
    royaltyBps: small(member(mint, "royalty", "bps")),
    royaltyReceiver: address(member(mint, "royalty", "receiver")),
  };
}

function placeOf(document, version) {
  if (version === 1 || !Object.hasOwn(document, "evidence")) return null;
  const entries = items(document.evidence);
  if (entries.length !== 1 || member(entries[0], "type") !== "ChainEvidence") throw new Malformed("evidence of another kind");
  const [entry] = entries;
  const proofs = member(entry, "proofs");
  if (!isObject(proofs)) throw new Malformed("proofs that are no object");
  return {
    layout: text(member(entry, "layout")),
    mintBlock: uint(member(entry, "mint", "block")),
    mintIndex: uint(member(entry, "mint", "index")),
    mintLog: small(member(entry, "mint", "log")),
    stateBlock: uint(member(entry, "state", "block")),
    proofs,
  };
}

// One place for each purpose: whoever checks reads a whole list for every one of them.
function statusesOf(entries) {
  const found = entries.map(statusOf);
  if (new Set(found.map((one) => one.purpose)).size < found.length) throw new Malformed("two places for one purpose");
  return found;
}

function statusOf(entry) {
  if (member(entry, "type") !== "BitstringStatusListEntry") throw new Malformed("a status of another kind");
  const purpose = text(member(entry, "statusPurpose"));
  if (purpose !== "revocation" && purpose !== "suspension") throw new Malformed("a purpose of another kind");
  return { purpose, index: uint(member(entry, "statusListIndex")), credential: text(member(entry, "statusListCredential")) };
}

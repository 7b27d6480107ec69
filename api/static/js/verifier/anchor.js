// Whether a certificate existed by some block, as a contract's storage says: nft/anchors.py and
// nft/verification/anchor.py.

import { Refused, checksummed, compare, concat, equal, keccak, parseUint, toBytes, toNumber, word } from "./bytes.js";
import { stateKey } from "./evidence.js";
import { readProofs } from "./blocks.js";
import { canonical, isObject } from "./json.js";
import { address, digest, items, member, uint } from "./reading.js";
import { failed, passed, unchecked, unlessUnlinked } from "./report.js";
import { mappingSlot } from "./tokens.js";

const FORMAT = "vernissage-anchor-v1";
const KNOWN_CONTRACTS = new Set(["0x7108d0e38350e094De4C065Cbd99C3D53Efc1eE5"]);
const MAX_HEIGHT = 32;
const STATUSES = ["valid", "suspended", "revoked"];
const [ANCHORS_SLOT, KEYS_SLOT] = [0n, 1n];
const MASK_64 = 2n ** 64n - 1n;

// {claim, proofs}, or null where it is not in its one form or a proof in it does not hold.
export function readAnchor(document) {
  if (!document) return null;
  let claim;
  try {
    claim = readClaim(document);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
  const proofs = readProofs(claim.evidence);
  return proofs === null || proofs.chainId !== claim.chainId ? null : { claim, proofs };
}

const MEMBERS = ["anchorer", "chain_id", "contract", "day", "evidence", "format", "issuer_key", "leaf", "proof", "state"];

function readClaim(document) {
  exactly(document, MEMBERS);
  if (document.format !== FORMAT) throw new Refused("another format");
  exactly(document.leaf, ["certificate", "status"]);
  exactly(document.state, ["block"]);
  const siblings = items(document.proof);
  if (siblings.length > MAX_HEIGHT) throw new Refused("a proof that is too long");
  const status = STATUSES.indexOf(document.leaf.status);
  if (status < 0) throw new Refused("another status");
  return {
    chainId: uint(document.chain_id),
    contract: address(document.contract),
    anchorer: address(document.anchorer),
    day: upTo(document.day, 2n ** 64n),
    certificate: digest(document.leaf.certificate),
    status,
    proof: siblings.map(digest),
    stateBlock: upTo(member(document, "state", "block"), 2n ** 64n),
    issuerKey: keyOf(document.issuer_key),
    evidence: document.evidence,
  };
}

function exactly(value, names) {
  if (!isObject(value) || canonical(Object.keys(value).sort()) !== canonical([...names].sort())) throw new Refused("other members");
}

function upTo(text, maximum) {
  const found = parseUint(text, maximum);
  if (found === null) throw new Refused("no number");
  return found;
}

function keyOf(told) {
  if (told === null) return null;
  exactly(told, ["index", "key"]);
  return { index: upTo(told.index, 2n ** 32n), key: digest(told.key) };
}

// Where the contract keeps it

const rootSlot = ({ anchorer, day }) => mappingSlot(day, mappingSlot(toNumber(anchorer), ANCHORS_SLOT));

function keySlot({ anchorer, issuerKey }) {
  const first = toNumber(keccak(word(mappingSlot(toNumber(anchorer), KEYS_SLOT))));
  return (first + 2n * issuerKey.index) % 2n ** 256n;
}

function leadsTo(root, claim) {
  let node = keccak(keccak(concat(claim.certificate, word(claim.status))));
  for (const sibling of claim.proof) node = keccak(compare(node, sibling) < 0 ? concat(node, sibling) : concat(sibling, node));
  return equal(node, root);
}

// The block by which it existed; null where the storage does not say what is claimed.
function shownBy(claim, words) {
  const first = rootSlot(claim);
  const slots = [first, first + 1n, ...(claim.issuerKey ? [keySlot(claim), keySlot(claim) + 1n] : [])];
  if (!slots.every((slot) => words.has(slot))) return null;
  const root = words.get(first);
  if (!root || !leadsTo(toBytes(root, 32), claim)) return null;
  if (claim.issuerKey && !equal(toBytes(words.get(keySlot(claim)), 32), claim.issuerKey.key)) return null;
  return words.get(first + 1n) & MASK_64;
}

// [what the anchor shows, the issuer's key that its storage is proven to hold]
export function findAnchor(document, held, believed, chainId, certificate) {
  if (!document || !certificate) return [unchecked("anchor.none"), null];
  if (held === null) return [failed("anchor.broken"), null];
  const { claim, proofs } = held;
  const anchorer = checksummed(claim.anchorer);
  if (!equal(claim.certificate, certificate) || claim.chainId !== chainId) return [failed("anchor.other", anchorer), null];
  const state = proofs.states.get(stateKey(claim.stateBlock, claim.contract));
  if (!state) return [failed("anchor.broken", anchorer), null];
  const block = shownBy(claim, state.storage);
  if (block === null) return [failed("anchor.root", anchorer), null];
  const contract = checksummed(claim.contract);
  if (!KNOWN_CONTRACTS.has(contract)) return [unchecked("anchor.contract", contract), null];
  const values = { number: String(block), anchorer, status: STATUSES[claim.status], day: String(claim.day) };
  const found = unlessUnlinked(passed("anchor.pass", anchorer, values), claim.stateBlock, believed.isLinked(claim.stateBlock));
  return [found, found.result === "pass" && claim.issuerKey ? claim.issuerKey.key : null];
}

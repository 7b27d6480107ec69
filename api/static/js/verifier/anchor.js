// Whether a certificate existed by some block, as a contract's storage says: nft/anchors.py and
// nft/verification/anchor.py.

import { Refused, checksummed, compare, concat, equal, keccak, parseUint, toBytes, toNumber, word } from "./bytes.js";
import { stateKey } from "./evidence.js";
import { readProofs } from "./blocks.js";
import { canonical, isObject } from "./json.js";
import { address, digest, items, member, timeOf, uint } from "./reading.js";
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

// {block, timestamp} by which it existed; null where the storage does not say what is claimed.
function shownBy(claim, words) {
  const first = rootSlot(claim);
  const slots = [first, first + 1n, ...(claim.issuerKey ? [keySlot(claim), keySlot(claim) + 1n] : [])];
  if (!slots.every((slot) => words.has(slot))) return null;
  const root = words.get(first);
  if (!root || !leadsTo(toBytes(root, 32), claim)) return null;
  if (claim.issuerKey && !equal(toBytes(words.get(keySlot(claim)), 32), claim.issuerKey.key)) return null;
  const when = words.get(first + 1n);
  return { block: when & MASK_64, timestamp: (when >> 64n) & MASK_64 };
}

const only = (found) => ({ found, key: null, since: "" });

// {found, key, since}: what the anchor shows, the issuer's key that its storage is proven to hold,
// and when the certificate existed at the latest.
export function findAnchor(document, held, believed, chainId, certificate) {
  if (!document || !certificate) return only(unchecked("anchor.none"));
  if (held === null) return only(failed("anchor.broken"));
  const { claim, proofs } = held;
  const anchorer = checksummed(claim.anchorer);
  if (!equal(claim.certificate, certificate) || claim.chainId !== chainId) return only(failed("anchor.other", anchorer));
  const state = proofs.states.get(stateKey(claim.stateBlock, claim.contract));
  if (!state) return only(failed("anchor.broken", anchorer));
  const shown = shownBy(claim, state.storage);
  if (shown === null) return only(failed("anchor.root", anchorer));
  const contract = checksummed(claim.contract);
  if (!KNOWN_CONTRACTS.has(contract)) return only(unchecked("anchor.contract", contract));
  const values = { number: String(shown.block), anchorer, status: STATUSES[claim.status], day: String(claim.day) };
  const found = unlessUnlinked(passed("anchor.pass", anchorer, values), claim.stateBlock, believed.isLinked(claim.stateBlock));
  if (found.result !== "pass") return only(found);
  return { found, key: claim.issuerKey?.key ?? null, since: timeOf(shown.timestamp) };
}

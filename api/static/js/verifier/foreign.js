// Owners of works of other people's contracts, by the manner in which they are commonly written:
// nft/layouts/foreign.py. Such a layout is presumed, and said so.

import { keccak, toBytes, toNumber, utf8, word } from "./bytes.js";
import { LayoutUnknown, NotShown } from "./layouts.js";
import { mappingSlot, ownershipSlot } from "./tokens.js";

const namespace = (name) => toNumber(keccak(word(toNumber(keccak(utf8(name))) - 1n))) & ~0xffn;

const SOLADY = "solady-erc721";
const OPENZEPPELIN = ["openzeppelin-erc721-v5", "openzeppelin-erc721-v5-upgradeable"];
const SLOTS = {
  [OPENZEPPELIN[0]]: 2n,
  [OPENZEPPELIN[1]]: namespace("openzeppelin.storage.ERC721") + 2n,
  erc721a: 4n,
  "erc721a-upgradeable": toNumber(keccak(utf8("ERC721A.contracts.storage.ERC721A"))) + 4n,
};
const range = (from, to) => Array.from({ length: to - from }, (_, at) => from + at);
const ODD = { [OPENZEPPELIN[0]]: [0, 1, ...range(3, 64), 103, 153, 203, 253, 303, 353], erc721a: range(5, 16) };

const LONGEST_WALK = 1024;
const MASK_160 = 2n ** 160n - 1n;
const BURNED = 1n << 224n;
const INDEX_BEFORE_OWNERS = 4n;
const MOST_WORKS = 2n ** 64n - 1n;

// The owner as of a block under a presumed layout; null: there is no such work, or no longer.
export function ownerOf(proven, block, { contract, tokenId }, layout) {
  if (proven.account(block, contract) === null) throw new NotShown("the account");
  const told = (slot) => {
    const fact = proven.word(block, contract, slot);
    if (fact === null) throw new NotShown("a slot");
    return fact.told;
  };
  const [kind, slot] = parsed(layout);
  if (kind === SOLADY) return found(told(ownershipSlot(tokenId)) & MASK_160);
  if (OPENZEPPELIN.includes(kind)) return found(told(mappingSlot(tokenId, slot)));
  return walkedBack(tokenId, slot, told);
}

function parsed(layout) {
  if (layout === SOLADY) return [SOLADY, 0n];
  if (Object.hasOwn(SLOTS, layout)) return [layout, SLOTS[layout]];
  for (const [kind, slots] of Object.entries(ODD)) {
    const slot = slots.find((one) => layout === `${kind}/${one}`);
    if (slot !== undefined) return [kind, BigInt(slot)];
  }
  throw new LayoutUnknown("another layout");
}

function found(value) {
  if (value > MASK_160) throw new LayoutUnknown("a word that is no address");
  return value ? toBytes(value, 20) : null;
}

// ERC-721A writes the owner of a row of works once, at its first.
function walkedBack(tokenId, slot, told) {
  let packed = told(mappingSlot(tokenId, slot));
  if (!packed) {
    const next = told(slot - INDEX_BEFORE_OWNERS);
    if (next > MOST_WORKS) throw new LayoutUnknown("an index that is none");
    if (tokenId >= next) return null;
  }
  for (let back = 1n; back <= LONGEST_WALK && !packed; back += 1n) {
    if (back > tokenId) throw new LayoutUnknown("a row of works without a first");
    packed = told(mappingSlot(tokenId - back, slot));
  }
  if (!packed) throw new LayoutUnknown("a row that is too long");
  if (packed & BURNED) return null;
  if (!(packed & MASK_160)) throw new LayoutUnknown("a word without an owner");
  return found(packed & MASK_160);
}

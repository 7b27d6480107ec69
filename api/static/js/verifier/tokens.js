// Token ids and the ownership word, as nft/tokens.py and the slots of our collections.

import { concat, keccak, toBytes, toNumber, unhex, word } from "./bytes.js";

const SEED = unhex("7d882553");
const MASK_160 = 2n ** 160n - 1n;

export const creatorOf = (tokenId) => toBytes(tokenId >> 96n, 20);

// Solady hashes the id with a seed over its low 32 bits.
export function ownershipSlot(tokenId) {
  const seeded = concat(word(tokenId).subarray(0, 28), SEED);
  return (2n * tokenId + toNumber(keccak(seeded))) % 2n ** 256n;
}

// From the low bits up: owner 160, royalty bps 14, frozen 1, approved 1, payee 32, transfers 48.
export function unpackOwnership(value) {
  return {
    owner: toBytes(value & MASK_160, 20),
    royaltyBps: (value >> 160n) & (2n ** 14n - 1n),
    isFrozen: Boolean((value >> 174n) & 1n),
    payee: (value >> 176n) & (2n ** 32n - 1n),
    transferCount: value >> 208n,
  };
}

// `mapping(key => …)` at a slot.
export const mappingSlot = (key, slot) => toNumber(keccak(concat(word(key), word(slot))));

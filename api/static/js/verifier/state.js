// Accounts and storage words under a state root, as nft/proofs/state.py.

import { Refused, keccak, toNumber, word } from "./bytes.js";
import { decode } from "./rlp.js";
import { EMPTY_ROOT, lookUp } from "./trie.js";

export const NO_CODE = keccak(new Uint8Array());

// An account that is not there.
export const NOBODY = { storageRoot: EMPTY_ROOT, codeHash: NO_CODE };

export function accountAt(stateRoot, address, proof) {
  const value = lookUp(stateRoot, keccak(address), proof);
  if (value === null) return NOBODY;
  const items = decode(value);
  if (!Array.isArray(items) || items.length !== 4 || !items.every((item) => item instanceof Uint8Array)) throw new Refused("a leaf that is no account");
  const [nonce, balance, storageRoot, codeHash] = items;
  if (storageRoot.length !== 32 || codeHash.length !== 32) throw new Refused("a leaf that is no account");
  number(nonce);
  number(balance);
  return { storageRoot, codeHash };
}

// A slot that is not there is zero.
export function wordAt(storageRoot, slot, proof) {
  const found = lookUp(storageRoot, keccak(word(slot)), proof);
  // Anvil leaves zeros in its tries where a slot was cleared, and hashes them.
  return found === null ? 0n : number(decode(found));
}

function number(item) {
  if (!(item instanceof Uint8Array) || item[0] === 0 || item.length > 32) throw new Refused("a leaf that is no number");
  return toNumber(item);
}

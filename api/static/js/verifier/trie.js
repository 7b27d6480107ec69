// The way down a Merkle Patricia proof, as nft/proofs/trie.py: every node is the one its parent
// names, in canonical form, used once and in order; what is left over makes the whole proof void.
// Strict: a node within its parent is not listed again, and nothing proves an empty trie.

import { Refused, equal, hex, keccak } from "./bytes.js";
import { decode, encode, encodeBytes } from "./rlp.js";

export class ProofBroken extends Refused {}

const EMPTY = encodeBytes(new Uint8Array());
export const EMPTY_ROOT = keccak(EMPTY);

// The value under a key, or null where the proof shows that there is none.
export function lookUp(root, key, proof) {
  return new Walk(proof).lookUp(root, hex(key));
}

class Walk {
  constructor(proof) {
    this.nodes = proof;
    this.next = 0;
  }

  lookUp(root, nibbles) {
    if (equal(root, EMPTY_ROOT) && this.isEmpty()) return this.ended(null);
    let reference = root;
    let isAfterExtension = false;
    let rest = nibbles;
    for (;;) {
      const node = this.named(reference);
      if (node.length === 17) {
        if (rest === "") return this.ended(isBlank(node[16]) ? null : valueOf(node[16]));
        reference = node[Number.parseInt(rest[0], 16)];
        if (isBlank(reference)) return this.ended(null);
        rest = rest.slice(1);
        isAfterExtension = false;
        continue;
      }
      if (isAfterExtension) throw new ProofBroken("an extension leads to no branch");
      const [path, isLeaf] = pathOf(node[0]);
      if (isLeaf) return this.ended(path === rest ? valueOf(node[1]) : null);
      if (!rest.startsWith(path)) return this.ended(null);
      rest = rest.slice(path.length);
      reference = node[1];
      if (isBlank(reference)) throw new ProofBroken("an extension to nowhere");
      isAfterExtension = true;
    }
  }

  isEmpty() {
    return this.nodes.length === 0 || (this.nodes.length === 1 && equal(this.nodes[0], EMPTY));
  }

  // The node that its parent names by hash, or holds itself.
  named(reference) {
    if (Array.isArray(reference)) return checked(reference);
    if (reference.length !== 32) throw new ProofBroken("a reference that is no hash");
    if (this.next === this.nodes.length) throw new ProofBroken("a node is missing");
    const told = this.nodes[this.next];
    if (!equal(keccak(told), reference)) throw new ProofBroken(`node ${this.next} is not the one its parent names`);
    if (this.next && told.length < 32) throw new ProofBroken("a short node outside its parent");
    this.next += 1;
    return checked(decode(told));
  }

  ended(value) {
    if (this.next !== this.nodes.length) throw new ProofBroken("nodes are left over");
    return value;
  }
}

const isBlank = (item) => item instanceof Uint8Array && item.length === 0;

function checked(node) {
  if (!Array.isArray(node) || (node.length !== 2 && node.length !== 17)) throw new ProofBroken("a node of another form");
  if (node.length === 2) return node;
  if (node.filter((item) => !isBlank(item)).length < 2) throw new ProofBroken("a branch that parts nothing");
  for (const item of node.slice(0, 16)) {
    if (Array.isArray(item)) {
      if (encode(item).length >= 32) throw new ProofBroken("a long node within its parent");
    } else if (item.length !== 0 && item.length !== 32) throw new ProofBroken("a reference that is no hash");
  }
  return node;
}

// The nibbles of a short node, and whether it is a leaf.
function pathOf(item) {
  if (!(item instanceof Uint8Array) || item.length === 0) throw new ProofBroken("a path that is none");
  const digits = hex(item);
  const flag = Number.parseInt(digits[0], 16);
  const rest = digits.slice(1);
  if (flag > 3 || (!(flag & 1) && rest[0] !== "0")) throw new ProofBroken("a path with unknown flags");
  const path = flag & 1 ? rest : rest.slice(1);
  if (path === "" && !(flag & 2)) throw new ProofBroken("an extension of no length");
  return [path, Boolean(flag & 2)];
}

function valueOf(item) {
  if (!(item instanceof Uint8Array) || item.length === 0) throw new ProofBroken("a value that is none");
  return item;
}

// Which blocks are believed, and why: nft/verification/blocks.py. First the hashes that the reader
// gave, then nodes, then a signed list of checkpoints; from those, proofs lead to further blocks.

import { Refused, equal, hex0x } from "./bytes.js";
import { readEvidence } from "./evidence.js";
import { ProvenChain } from "./linked.js";
import { asCheck, failed, passed, unchecked } from "./report.js";

// The evidence of an object, or null where any proof in it does not hold.
export function readProofs(document) {
  try {
    return readEvidence(document);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

export function believe(chainId, inputs, documents, nodes = []) {
  const asked = [...inputs.nodes, ...nodes].filter((node) => node.chainId === chainId);
  const vouched = (hashes, how = "given") => [...hashes].map(([number, hash]) => ({ number, hash, how }));
  const held = [...documents, ...inputs.links.map(readProofs)].filter((one) => one !== null && one.chainId === chainId);
  const proven = new ProvenChain(chainId, held, [
    ...vouched(inputs.blockHashes),
    ...asked.flatMap((node) => vouched(node.hashes, "rpc")),
    ...vouched(inputs.checkpoints),
  ]);
  return new Believed(inputs.blockHashes, inputs.checkpoints, asked, proven);
}

class Believed {
  constructor(given, checkpoints, nodes, proven) {
    Object.assign(this, { given, checkpoints, nodes, proven });
  }

  // [how the hash of a block came to be believed, the block]; `claimed` is the hash that a
  // document names without a header.
  check(number, claimed = null) {
    const block = this.proven.block(number);
    const found = block?.hash ?? claimed;
    const hash = found ? hex0x(found) : "";
    const values = { number: String(number), count: found ? String(this.#saying(number, found)) : "0" };
    const trust = (linked) => ({ number: String(number), hash, linked });
    if (this.#isDisputed(number, found) || (claimed && !equal(found, claimed))) return [failed("block.conflict", hash, values), trust("no")];
    if (!block || block.linked === "no") return [unchecked("block.unlinked", hash, values), trust("no")];
    return [passed(this.#reason(number, found), hash, values), trust(block.linked)];
  }

  isLinked(number) {
    const block = this.proven.block(number);
    return block !== null && block.linked !== "no";
  }

  get disputed() {
    return this.proven.disputed;
  }

  #isDisputed(number, found) {
    const told = [this.given, this.checkpoints, ...this.nodes.map((node) => node.hashes)].map((hashes) => hashes.get(number)).filter(Boolean);
    const hashes = new Set([...told, ...(found ? [found] : [])].map(hex0x));
    return hashes.size > 1 || this.disputed.has(number);
  }

  #reason(number, found) {
    const says = (hashes) => hashes.has(number) && equal(hashes.get(number), found);
    if (says(this.given)) return "block.given";
    const saying = this.#saying(number, found);
    if (saying) return saying === 1 ? "block.node" : "block.nodes";
    return says(this.checkpoints) ? "block.checkpoint" : "block.proof";
  }

  #saying(number, found) {
    return this.nodes.filter(({ hashes }) => hashes.has(number) && equal(hashes.get(number), found)).length;
  }
}

export const ascending = (numbers) => [...new Set(numbers)].sort((one, other) => (one < other ? -1 : Number(one > other)));

// [a line for each block that facts rest on and for every number with two hashes, the blocks]
export function checkBlocks(believed, numbers, { claimed = new Map(), required = false } = {}) {
  const found = ascending([...numbers, ...believed.disputed]).map((number) => [number, ...believed.check(number, claimed.get(number))]);
  return [found.map(([number, why]) => asCheck(why, `block.${number}`, required)), found.map(([, , block]) => block)];
}

// Every node that was asked speaks for the chain of the document.
export function checkChainId(chainId, inputs) {
  const asked = [...inputs.nodes, ...(inputs.chain ? [inputs.chain] : [])];
  if (!asked.length) return [];
  const values = (found) => ({ found: String(found), chain: String(chainId) });
  const other = asked.find((node) => node.chainId !== chainId);
  const why = other ? failed("chain.other", other.source, values(other.chainId)) : passed("chain.id", asked[0].source, values(chainId));
  return [asCheck(why, "chain.id", true)];
}

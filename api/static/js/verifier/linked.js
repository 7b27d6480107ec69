// Which blocks of some evidence are the chain's, as nft/proofs/linked.py. From hashes that the
// reader believes, links of the history contract lead on; a block that no link reaches is a claim.

import { compare, equal, hex, toBytes } from "./bytes.js";
import { EvidenceRefused, receiptKey, stateKey } from "./evidence.js";
import { HISTORY, blockOfSlot } from "./history.js";
import { NO_CODE } from "./state.js";

const byNumber = (one, other) => (one.number < other.number ? -1 : Number(one.number > other.number));

export class ProvenChain {
  #evidence;
  #linked = new Map();
  // Numbers with two hashes.
  disputed = new Set();
  #conflicts = new Map();

  // `vouched`: [{number, hash, how: "given" | "rpc"}, …]. Throws `EvidenceRefused` for evidence of
  // another chain.
  constructor(chainId, evidence, vouched = []) {
    for (const one of evidence) if (one.chainId !== chainId) throw new EvidenceRefused("chain", "chain_id");
    this.#evidence = evidence;
    this.#follow(vouched);
    this.#compare();
  }

  // Numbers with two hashes, ascending.
  get conflicts() {
    return [...this.#conflicts.values()].sort((one, other) => byNumber(one, other) || compare(one.believed, other.believed) || compare(one.other, other.other));
  }

  // Every block of the evidence by number; one with two headers stands there twice.
  get blocks() {
    const found = new Map();
    for (const one of this.#evidence) for (const header of one.headers.values()) found.set(hex(header.hash), header);
    return [...found.values()].sort((one, other) => byNumber(one, other) || compare(one.hash, other.hash)).map((header) => this.#block(header));
  }

  block(number) {
    const [first] = this.#headers(number);
    if (first) return this.#block(first);
    const known = this.#linked.get(number);
    if (!known) return null;
    return { number, hash: known.hash, linked: this.disputed.has(number) ? "no" : known.how, timestamp: null };
  }

  // Facts: {block, told}, null where no evidence shows it.

  account(block, address) {
    for (const [header, one] of this.#at(block)) {
      const state = one.states.get(stateKey(block, address));
      if (state) return { block: this.#block(header), told: state.account };
    }
    return null;
  }

  word(block, account, slot) {
    for (const [header, one] of this.#at(block)) {
      const state = one.states.get(stateKey(block, account));
      if (state?.storage.has(slot)) return { block: this.#block(header), told: state.storage.get(slot) };
    }
    return null;
  }

  code(codeHash) {
    if (equal(codeHash, NO_CODE)) return new Uint8Array();
    for (const one of this.#evidence) if (one.code.has(hex(codeHash))) return one.code.get(hex(codeHash));
    return null;
  }

  receipt(block, index) {
    const shown = this.#at(block)
      .filter(([, one]) => one.receipts.has(receiptKey(block, index)))
      .map(([header, one]) => ({ block: this.#block(header), told: one.receipts.get(receiptKey(block, index)) }));
    return shown.find((fact) => fact.told.transactionHash) ?? shown[0] ?? null;
  }

  // Links

  #follow(vouched) {
    const pending = new Set();
    const ordered = [...vouched].sort((one, other) => byNumber(one, other) || (one.how < other.how ? -1 : Number(one.how > other.how)));
    for (const one of ordered) this.#link(one.number, one.hash, one.how, pending);
    while (pending.size) {
      let number = -1n;
      for (const one of pending) if (one > number) number = one;
      pending.delete(number);
      for (const [slot, value] of this.#remembered(number)) {
        const named = blockOfSlot(slot, number);
        if (value && named !== null) this.#link(named, toBytes(value, 32), "by proof", pending);
      }
    }
  }

  #link(number, hash, how, pending) {
    const known = this.#linked.get(number);
    if (!known) {
      this.#linked.set(number, { hash, how });
      pending.add(number);
    } else if (!equal(known.hash, hash)) this.#conflict(number, known.hash, hash);
  }

  *#remembered(number) {
    const { hash } = this.#linked.get(number);
    for (const one of this.#evidence) {
      const header = one.headers.get(number);
      const state = one.states.get(stateKey(number, HISTORY));
      if (header && state && equal(header.hash, hash)) yield* state.storage;
    }
  }

  #compare() {
    for (const one of this.#evidence) {
      for (const header of one.headers.values()) {
        const believed = this.#linked.get(header.number)?.hash ?? this.#headers(header.number)[0].hash;
        if (!equal(believed, header.hash)) this.#conflict(header.number, believed, header.hash);
      }
    }
  }

  #conflict(number, believed, other) {
    this.disputed.add(number);
    this.#conflicts.set(`${number}/${hex(believed)}/${hex(other)}`, { number, believed, other });
  }

  // Headers

  #block(header) {
    const known = this.#linked.get(header.number);
    const isLinked = known && equal(known.hash, header.hash) && !this.disputed.has(header.number);
    return { number: header.number, hash: header.hash, linked: isLinked ? known.how : "no", timestamp: header.timestamp };
  }

  // Of a number, that of the linked block first.
  #headers(number) {
    const found = new Map();
    for (const one of this.#evidence) {
      const header = one.headers.get(number);
      if (header) found.set(hex(header.hash), header);
    }
    const believed = this.#linked.get(number)?.hash;
    const isOther = (header) => Number(!believed || !equal(header.hash, believed));
    return [...found.values()].sort((one, other) => isOther(one) - isOther(other) || compare(one.hash, other.hash));
  }

  #at(number) {
    return this.#headers(number).flatMap((header) =>
      this.#evidence.filter((one) => one.headers.has(number) && equal(one.headers.get(number).hash, header.hash)).map((one) => [header, one]),
    );
  }
}

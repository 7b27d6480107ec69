// An evidence object read from its canonical JSON, every proof in it followed: nft/proofs/reading.py
// and nft/proofs/evidence.py. Nothing in it is a fact before its block's hash is believed (linked.js).

import { Refused, compare, equal, hex, keccak, toNumber, unhex } from "./bytes.js";
import { decodeHeader } from "./headers.js";
import { HISTORY, blockOfSlot } from "./history.js";
import { isObject } from "./json.js";
import { decodeReceipt, listed, transactionHash } from "./receipts.js";
import { accountAt, wordAt } from "./state.js";

export const FORMAT = "vernissage-evidence-v1";
const MAX_ITEMS = 4096;
const MAX_NODES = 65;
const MAX_BYTES = 2 ** 23;
const MAX_NUMBER = 2n ** 64n - 1n;
const DECIMAL = /^(?:0|[1-9][0-9]{0,19})$/;
const HEX = /^0x[0-9a-f]*$/;

// Python's RULES (nft/proofs/errors.py), word for word.
const RULES = {
  type: "something else stands there than the format has",
  format: "the format is not one that this version knows",
  members: "members are missing, or not of the format",
  number: "numbers are plain decimal text below 2^64",
  hex: "bytes are lower-case hex with 0x, of the right length",
  size: "it is too large",
  order: "items ascend, each stands once",
  header: "it is no header of a block",
  "header.missing": "its block has no header here",
  "header.unused": "nothing here needs this header",
  chain: "it is of another chain",
  "code.unused": "no account proven here has this code",
  proof: "the proof does not lead from the root of its block",
  receipt: "it is no receipt",
  transaction: "it is no transaction",
};

export class EvidenceRefused extends Refused {
  constructor(rule, place) {
    super(place ? `evidence.${place}: ${RULES[rule]}` : RULES[rule]);
  }
}

export const stateKey = (block, account) => `${block}/${hex(account)}`;
export const receiptKey = (block, index) => `${block}/${index}`;

// What the document proves: headers by number, states by block and account, receipts by block and
// index, code by its hash. Throws `EvidenceRefused`.
export function readEvidence(document) {
  const pieces = readPieces(document);
  const headers = provenHeaders(pieces.headers);
  const states = provenStates(pieces.states, headers);
  const receipts = provenReceipts(pieces.receipts, headers);
  const needed = neededBlocks(states, receipts);
  [...headers.keys()].forEach((number, at) => {
    if (!needed.has(number)) throw new EvidenceRefused("header.unused", `headers[${at}]`);
  });
  return { chainId: pieces.chainId, headers, states, receipts, code: provenCode(pieces.code, states) };
}

// The form

function readPieces(document) {
  const reader = new Reader();
  const whole = reader.members(document, "", ["format", "chain_id", "headers", "states", "receipts", "code"]);
  if (whole.format !== FORMAT) throw new EvidenceRefused("format", "format");
  return {
    chainId: reader.number(whole.chain_id, "chain_id"),
    headers: reader.items(whole.headers, "headers", (one, place) => reader.data(one, place)),
    states: reader.items(whole.states, "states", (one, place) => reader.state(one, place)),
    receipts: reader.items(whole.receipts, "receipts", (one, place) => reader.receipt(one, place)),
    code: reader.items(whole.code, "code", (one, place) => reader.data(one, place)),
  };
}

// `isLess` of each and the one after it.
function checkAscending(keys, place, isLess) {
  for (let at = 1; at < keys.length; at += 1) if (!isLess(keys[at - 1], keys[at])) throw new EvidenceRefused("order", `${place}[${at}]`);
}

class Reader {
  left = MAX_BYTES;

  members(value, place, names) {
    if (!isObject(value)) throw new EvidenceRefused("type", place);
    if (Object.keys(value).length !== names.length || !names.every((name) => Object.hasOwn(value, name))) throw new EvidenceRefused("members", place);
    return value;
  }

  items(value, place, read, atMost = MAX_ITEMS) {
    if (!Array.isArray(value)) throw new EvidenceRefused("type", place);
    if (value.length > atMost) throw new EvidenceRefused("size", place);
    return value.map((one, at) => read(one, `${place}[${at}]`));
  }

  number(value, place) {
    if (typeof value !== "string" || !DECIMAL.test(value) || BigInt(value) > MAX_NUMBER) throw new EvidenceRefused("number", place);
    return BigInt(value);
  }

  data(value, place, size = null) {
    if (typeof value !== "string") throw new EvidenceRefused("hex", place);
    const isHex = HEX.test(value) && value.length % 2 === 0;
    // Of other texts Python counts the characters.
    this.left -= Math.floor((isHex ? value.length : [...value].length) / 2);
    if (this.left < 0) throw new EvidenceRefused("size", place);
    if (!isHex || (size !== null && value.length !== 2 + 2 * size)) throw new EvidenceRefused("hex", place);
    return unhex(value.slice(2));
  }

  nodes(value, place) {
    return this.items(value, place, (one, at) => this.data(one, at), MAX_NODES);
  }

  state(value, place) {
    const one = this.members(value, place, ["block", "account", "proof", "storage"]);
    const block = this.number(one.block, `${place}.block`);
    const account = this.data(one.account, `${place}.account`, 20);
    const proof = this.nodes(one.proof, `${place}.proof`);
    const storage = this.items(one.storage, `${place}.storage`, (slot, at) => this.slot(slot, at));
    checkAscending(storage, `${place}.storage`, (before, after) => before.slot < after.slot);
    return { block, account, proof, storage };
  }

  slot(value, place) {
    const one = this.members(value, place, ["slot", "proof"]);
    return { slot: toNumber(this.data(one.slot, `${place}.slot`, 32)), proof: this.nodes(one.proof, `${place}.proof`) };
  }

  receipt(value, place) {
    const hasTransaction = isObject(value) && Object.hasOwn(value, "transaction_proof");
    const one = this.members(value, place, ["block", "index", "proof", ...(hasTransaction ? ["transaction_proof"] : [])]);
    return {
      block: this.number(one.block, `${place}.block`),
      index: this.number(one.index, `${place}.index`),
      proof: this.nodes(one.proof, `${place}.proof`),
      transactionProof: hasTransaction ? this.nodes(one.transaction_proof, `${place}.transaction_proof`) : null,
    };
  }
}

// The proofs

// Runs `step`; whatever it refuses is the breach of that rule at that place.
function held(rule, place, step) {
  try {
    return step();
  } catch (error) {
    if (error instanceof Refused) throw new EvidenceRefused(rule, place);
    throw error;
  }
}

function provenHeaders(encoded) {
  const found = encoded.map((one, at) => held("header", `headers[${at}]`, () => decodeHeader(one)));
  checkAscending(found, "headers", (before, after) => before.number < after.number);
  return new Map(found.map((header) => [header.number, header]));
}

function headerOf(headers, block, place) {
  const found = headers.get(block);
  if (!found) throw new EvidenceRefused("header.missing", place);
  return found;
}

const isLater = (one, other, last) => one.block < other.block || (one.block === other.block && last(one, other));

function provenStates(pieces, headers) {
  checkAscending(pieces, "states", (one, other) => isLater(one, other, () => compare(one.account, other.account) < 0));
  return new Map(
    pieces.map((piece, at) => {
      const header = headerOf(headers, piece.block, `states[${at}].block`);
      return [stateKey(piece.block, piece.account), provenState(piece, header, `states[${at}]`)];
    }),
  );
}

function provenState(piece, header, place) {
  const account = held("proof", `${place}.proof`, () => accountAt(header.stateRoot, piece.account, piece.proof));
  const storage = new Map(
    piece.storage.map(({ slot, proof }, at) => [
      slot,
      held("proof", `${place}.storage[${at}].proof`, () => wordAt(account.storageRoot, slot, proof)),
    ]),
  );
  return { block: piece.block, address: piece.account, account, storage };
}

function provenReceipts(pieces, headers) {
  checkAscending(pieces, "receipts", (one, other) => isLater(one, other, () => one.index < other.index));
  return new Map(
    pieces.map((piece, at) => {
      const header = headerOf(headers, piece.block, `receipts[${at}].block`);
      return [receiptKey(piece.block, piece.index), included(piece, header, `receipts[${at}]`)];
    }),
  );
}

function included(piece, header, place) {
  const encoded = held("proof", `${place}.proof`, () => listed(header.receiptsRoot, piece.index, piece.proof));
  const receipt = held("receipt", `${place}.proof`, () => decodeReceipt(encoded));
  const found = { block: piece.block, ...receipt, transactionHash: null };
  if (piece.transactionProof === null) return found;
  const at = `${place}.transaction_proof`;
  const transaction = held("proof", at, () => listed(header.transactionsRoot, piece.index, piece.transactionProof));
  return { ...found, transactionHash: held("transaction", at, () => transactionHash(transaction)) };
}

function neededBlocks(states, receipts) {
  const found = new Set([...states.values(), ...receipts.values()].map((one) => one.block));
  for (const state of states.values()) {
    if (!equal(state.address, HISTORY)) continue;
    for (const [slot, value] of state.storage) if (value) found.add(blockOfSlot(slot, state.block));
  }
  return found;
}

function provenCode(encoded, states) {
  const hashes = encoded.map(keccak);
  checkAscending(hashes, "code", (one, other) => compare(one, other) < 0);
  const proven = new Set([...states.values()].map((state) => hex(state.account.codeHash)));
  return new Map(
    encoded.map((code, at) => {
      if (!code.length || !proven.has(hex(hashes[at]))) throw new EvidenceRefused("code.unused", `code[${at}]`);
      return [hex(hashes[at]), code];
    }),
  );
}

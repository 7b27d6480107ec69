// One receipt or transaction of a block by its index, as nft/proofs/inclusion.py.

import { Refused, keccak } from "./bytes.js";
import { decode, encodeInt } from "./rlp.js";
import { lookUp } from "./trie.js";

const DEPOSIT = 0x7e;
const PLAIN = new Set([0, 1, 2, 3, 4]);

const isBytes = (item) => item instanceof Uint8Array;

// What a block's list holds at an index.
export function listed(root, index, proof) {
  const found = lookUp(root, encodeInt(index), proof);
  if (found === null) throw new Refused(`there is nothing at index ${index}`);
  return found;
}

// A receipt of any type (EIP-2718).
export function decodeReceipt(encoded) {
  const kind = encoded.length && encoded[0] < 0x80 ? encoded[0] : 0;
  const items = decode(kind ? encoded.subarray(1) : encoded);
  if (!Array.isArray(items) || items.length < 4) throw new Refused("it is no receipt");
  const [outcome, gas, bloom, logs, ...rest] = items;
  const isReceipt = isBytes(outcome) && isBytes(gas) && isBytes(bloom) && bloom.length === 256 && Array.isArray(logs);
  if (!isReceipt) throw new Refused("it is no receipt");
  if (rest.length && (PLAIN.has(kind) || (kind === DEPOSIT && rest.length !== 2))) throw new Refused("a receipt of too many items");
  const read = logs.map(readLog);
  return { succeeded: succeeded(outcome, read.length > 0), logs: read };
}

export function transactionHash(encoded) {
  const isOne = encoded.length && ((encoded[0] > 0 && encoded[0] < 0x80) || encoded[0] >= 0xc0);
  if (!isOne) throw new Refused("it is no transaction");
  return keccak(encoded);
}

function succeeded(outcome, hasLogs) {
  if (outcome.length === 0) return false;
  if (outcome.length === 1 && outcome[0] === 1) return true;
  if (outcome.length === 32) return hasLogs;
  throw new Refused("a receipt without an outcome");
}

function readLog(item) {
  if (!Array.isArray(item) || item.length !== 3) throw new Refused("a log that is none");
  const [address, topics, data] = item;
  if (!isBytes(address) || address.length !== 20 || !Array.isArray(topics) || !isBytes(data)) throw new Refused("a log that is none");
  if (!topics.every((topic) => isBytes(topic) && topic.length === 32)) throw new Refused("a topic that is none");
  return { address, topics, data };
}

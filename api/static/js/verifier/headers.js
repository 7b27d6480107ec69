// A header from the bytes that are hashed, as `decode_header` of nft/proofs/headers.py: items are
// read by their place, so that what later forks append is hashed and not read.

import { Refused, keccak, toNumber } from "./bytes.js";
import { decode } from "./rlp.js";

const FIELDS = 15;

export function decodeHeader(encoded) {
  const items = decode(encoded);
  if (!Array.isArray(items) || items.length < FIELDS) throw new Refused("it is no list of a header's length");
  sized(items[0], 32);
  sized(items[6], 256);
  return {
    number: number(items[8]),
    hash: keccak(encoded),
    timestamp: number(items[11]),
    stateRoot: sized(items[3], 32),
    transactionsRoot: sized(items[4], 32),
    receiptsRoot: sized(items[5], 32),
  };
}

function sized(item, size) {
  if (!(item instanceof Uint8Array) || item.length !== size) throw new Refused(`an item that is not ${size} bytes`);
  return item;
}

function number(item) {
  if (!(item instanceof Uint8Array) || item.length > 8 || item[0] === 0) throw new Refused("an item that is no number");
  return toNumber(item);
}

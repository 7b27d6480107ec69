// Recursive Length Prefix, as nft/proofs/rlp.py: decoding accepts only what encoding would give.
// A string is a Uint8Array, a list an Array.

import { Refused, concat } from "./bytes.js";

export class NotCanonical extends Refused {
  constructor(why) {
    super(`not canonical RLP: ${why}`);
  }
}

const DEEPEST = 32;

function prefix(size, offset) {
  if (size < 56) return Uint8Array.of(offset + size);
  const length = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  return Uint8Array.of(offset + 55 + length.length, ...length);
}

export function encodeBytes(value) {
  if (value.length === 1 && value[0] < 0x80) return value;
  return concat(prefix(value.length, 0x80), value);
}

export function encodeInt(value) {
  const digits = BigInt(value).toString(16);
  if (digits === "0") return encodeBytes(new Uint8Array());
  const even = digits.length % 2 ? `0${digits}` : digits;
  return encodeBytes(Uint8Array.from(even.match(/../g), (pair) => Number.parseInt(pair, 16)));
}

export function encode(item) {
  if (item instanceof Uint8Array) return encodeBytes(item);
  const payload = concat(...item.map(encode));
  return concat(prefix(payload.length, 0xc0), payload);
}

// The one item of the data.
export function decode(data) {
  const [item, end] = read(data, 0, data.length);
  if (end !== data.length) throw new NotCanonical("bytes after the end");
  return item;
}

function read(data, at, end, depth = 0) {
  if (at >= end) throw new NotCanonical("an item is missing");
  const first = data[at];
  if (first < 0x80) return [data.subarray(at, at + 1), at + 1];
  const isList = first >= 0xc0;
  const [begin, size] = extent(data, at, end, first - (isList ? 0xc0 : 0x80));
  const stop = begin + size;
  if (stop > end) throw new NotCanonical("an item is longer than its frame");
  if (!isList) {
    if (size === 1 && data[begin] < 0x80) throw new NotCanonical("a small byte with a prefix");
    return [data.subarray(begin, stop), stop];
  }
  if (depth === DEEPEST) throw new NotCanonical("lists too deep in lists");
  const items = [];
  let next = begin;
  while (next < stop) {
    const [item, after] = read(data, next, stop, depth + 1);
    items.push(item);
    next = after;
  }
  return [items, stop];
}

function extent(data, at, end, code) {
  if (code < 56) return [at + 1, code];
  const start = at + 1 + code - 55;
  if (start > end || data[at + 1] === 0) throw new NotCanonical("a malformed length");
  let size = 0;
  for (let place = at + 1; place < start; place += 1) size = size * 256 + data[place];
  if (size < 56) throw new NotCanonical("a short length told long");
  return [start, size];
}

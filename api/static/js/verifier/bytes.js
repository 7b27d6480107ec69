// Bytes, hex and numbers, as nft/types.py reads and writes them.

import { keccak_256 } from "@noble/hashes/sha3.js";
import { sha256 as hashed } from "@noble/hashes/sha2.js";

// What a document says wrongly; the message is the sentence of a report.
export class Refused extends Error {}

export const keccak = (bytes) => keccak_256(bytes);
export const sha256 = (bytes) => hashed(bytes);
export const utf8 = (text) => new TextEncoder().encode(text);

export const UINT256_MAX = 2n ** 256n - 1n;

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

// Lower-case digits without `0x`.
export function hex(bytes) {
  let found = "";
  for (const byte of bytes) found += DIGITS[byte];
  return found;
}

export const hex0x = (bytes) => `0x${hex(bytes)}`;

// The bytes of plain hex digits, or null where the text is none.
export function unhex(digits) {
  if (typeof digits !== "string" || digits.length % 2 || !/^[0-9a-fA-F]*$/.test(digits)) return null;
  const found = new Uint8Array(digits.length / 2);
  for (let at = 0; at < found.length; at += 1) found[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return found;
}

export function concat(...parts) {
  const found = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    found.set(part, at);
    at += part.length;
  }
  return found;
}

export function compare(one, other) {
  const size = Math.min(one.length, other.length);
  for (let at = 0; at < size; at += 1) if (one[at] !== other[at]) return one[at] - other[at];
  return one.length - other.length;
}

export const equal = (one, other) => one.length === other.length && compare(one, other) === 0;

export function toNumber(bytes) {
  return bytes.length ? BigInt(hex0x(bytes)) : 0n;
}

// A number in so many bytes, from the high ones down.
export function toBytes(number, size) {
  return unhex(number.toString(16).padStart(2 * size, "0"));
}

export const word = (number) => toBytes(BigInt(number), 32);

// Text of plain ASCII digits without leading zero, at most 78 of them; null for anything else.
export function parseUint(text, maximum = UINT256_MAX) {
  if (typeof text !== "string" || !/^(0|[1-9][0-9]{0,77})$/.test(text)) return null;
  const found = BigInt(text);
  return found > maximum ? null : found;
}

// `0x` and 64 digits in either case; null for anything else.
export function parseDigest(text) {
  return typeof text === "string" && /^0x[0-9a-fA-F]{64}$/.test(text) ? unhex(text.slice(2)) : null;
}

// EIP-55.
export function checksummed(bytes) {
  const lower = hex(bytes);
  const check = hex(keccak(utf8(lower)));
  let found = "0x";
  for (let at = 0; at < 40; at += 1) found += check[at] >= "8" ? lower[at].toUpperCase() : lower[at];
  return found;
}

// Twenty bytes; mixed case must carry a correct checksum. Null for anything else.
export function parseAddress(text) {
  if (typeof text !== "string" || !/^0[xX][0-9a-fA-F]{40}$/.test(text)) return null;
  const digits = text.slice(2);
  const bytes = unhex(digits);
  const isOneCase = digits === digits.toLowerCase() || digits === digits.toUpperCase();
  return isOneCase || checksummed(bytes).slice(2) === digits ? bytes : null;
}

// Values in documents, read in their one form; another spelling of the same value is refused.

import { Refused, UINT256_MAX, checksummed, parseAddress, parseUint, unhex } from "./bytes.js";
import { isObject, parse } from "./json.js";

// Which part is missing or of another form, no report says.
export class Malformed extends Refused {}

export function readJson(bytes) {
  const found = parse(bytes);
  if (!isObject(found)) throw new Malformed("no object");
  return found;
}

// What stands under these names, one below the other.
export function member(value, ...names) {
  return names.reduce((part, name) => {
    if (!isObject(part) || !Object.hasOwn(part, name)) throw new Malformed(name);
    return part[name];
  }, value);
}

export function text(value) {
  if (typeof value !== "string") throw new Malformed("no text");
  return value;
}

export function items(value) {
  if (!Array.isArray(value)) throw new Malformed("no list");
  return value;
}

export function uint(value, maximum = UINT256_MAX) {
  const found = parseUint(value, maximum);
  if (found === null) throw new Malformed("no number");
  return found;
}

export function small(value) {
  if (typeof value !== "number" || value < 0) throw new Malformed("no small number");
  return value;
}

export function digest(value) {
  if (!/^0x[0-9a-f]{64}$/.test(text(value))) throw new Malformed("no digest");
  return unhex(value.slice(2));
}

export function address(value) {
  const found = parseAddress(text(value));
  if (found === null || checksummed(found) !== value) throw new Malformed("no address in its one spelling");
  return found;
}

// A moment in UTC to the second, as documents write it: then earlier texts are earlier moments.
export const isMoment = (value) => /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/.test(value);

const LAST_SECOND = 253_402_300_799n;

// A header's time as documents write it; empty where they could not.
export function timeOf(timestamp) {
  if (timestamp === null || timestamp > LAST_SECOND) return "";
  return `${new Date(Number(timestamp) * 1000).toISOString().slice(0, 19)}Z`;
}

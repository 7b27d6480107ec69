// The parts of a bundle, whoever zipped it: nft/bundles.py and nft/archives.py. A name that no
// bundle has, a name twice, encryption, or more bytes than any bundle has is refused before a byte
// is inflated.

import { Refused } from "./bytes.js";

export const NAMES = [
  "README.txt",
  "certificate.json",
  "extract.json",
  "links.json",
  "anchor.json",
  "status.json",
  "issuer.json",
  "standing.json",
  "metadata.json",
  "certificate.pdf",
  "verify.html",
];
export const MAX_BYTES = 64 * 1024 * 1024;

const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50];
const [STORED, DEFLATED] = [0, 8];

class NotABundle extends Refused {}

export const isZip = (bytes) => bytes.length > 3 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

// Bytes by name. Throws `Refused`.
export async function unpack(body) {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  try {
    const entries = readDirectory(body, view);
    check(entries);
    const parts = new Map();
    for (const entry of entries) parts.set(entry.name, await partOf(body, view, entry));
    return parts;
  } catch (error) {
    if (error instanceof RangeError) throw new NotABundle("the archive is cut off");
    throw error;
  }
}

function readDirectory(body, view) {
  const end = endOf(body, view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (at + view.getUint32(end + 12, true) !== end) throw new NotABundle("a directory in another place");
  const entries = [];
  while (at < end) {
    if (view.getUint32(at, true) !== CENTRAL) throw new NotABundle("no entry where one must be");
    const sizes = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    entries.push({
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      local: view.getUint32(at + 42, true),
      name: text(body.subarray(at + 46, at + 46 + sizes[0])),
    });
    at += 46 + sizes[0] + sizes[1] + sizes[2];
  }
  if (at !== end || entries.length !== count) throw new NotABundle("another number of entries");
  return entries;
}

// The record at the end; no comment follows it, in which another reader could find another archive.
function endOf(body, view) {
  const end = body.length - 22;
  if (end < 0 || view.getUint32(end, true) !== END || view.getUint16(end + 20, true) !== 0) throw new NotABundle("it is no archive");
  return end;
}

const text = (bytes) => String.fromCharCode(...bytes);

function check(entries) {
  const names = entries.map((entry) => entry.name);
  if (!names.every((name) => NAMES.includes(name))) throw new NotABundle("a part that no bundle has");
  if (new Set(names).size < names.length) throw new NotABundle("a part is there twice");
  if (!names.includes("certificate.json")) throw new NotABundle("there is no certificate");
  if (entries.some((entry) => entry.flags & 1)) throw new NotABundle("a part is encrypted");
  if (entries.reduce((sum, entry) => sum + entry.size, 0) > MAX_BYTES) throw new NotABundle("larger than any bundle");
}

async function partOf(body, view, entry) {
  const at = entry.local;
  if (view.getUint32(at, true) !== LOCAL) throw new NotABundle("no part where one must be");
  const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  const name = text(body.subarray(at + 30, at + 30 + view.getUint16(at + 26, true)));
  if (name !== entry.name || start + entry.packed > body.length) throw new NotABundle("a part that its own head denies");
  const packed = body.subarray(start, start + entry.packed);
  if (entry.method !== STORED && entry.method !== DEFLATED) throw new NotABundle("a part packed in an unknown way");
  const found = entry.method === STORED ? packed : await inflate(packed, entry.size);
  if (found.length !== entry.size || crc32(found) !== entry.crc) throw new NotABundle("a part that is damaged");
  return found;
}

// Stops at the size that was told.
async function inflate(packed, size) {
  const found = new Uint8Array(size);
  let filled = 0;
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      if (filled + step.value.length > size) throw new NotABundle("a part larger than it says");
      found.set(step.value, filled);
      filled += step.value.length;
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error instanceof NotABundle ? error : new NotABundle("a part that cannot be unpacked");
  }
  return found.subarray(0, filled);
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

export function crc32(bytes) {
  let value = -1;
  for (const byte of bytes) value = (value >>> 8) ^ TABLE[(value ^ byte) & 0xff];
  return (value ^ -1) >>> 0;
}

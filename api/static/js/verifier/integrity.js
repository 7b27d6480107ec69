// Data Integrity proofs, `eddsa-jcs-2022`, as nft/integrity.py.

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { Refused, concat, equal, hex, sha256 } from "./bytes.js";
import { canonical, canonicalBytes, isObject } from "./json.js";

export const CRYPTOSUITE = "eddsa-jcs-2022";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

export class ProofInvalid extends Refused {}

export function decodeBase58(text) {
  // Characters as Python counts them.
  const signs = [...text];
  if (signs.length > 200) throw new ProofInvalid(`${signs.length} characters of base58 are too many`);
  let number = 0n;
  let zeros = 0;
  for (const sign of signs) {
    const place = ALPHABET.indexOf(sign);
    if (place < 0) throw new ProofInvalid(NOT_BASE58);
    if (number === 0n && place === 0) zeros += 1;
    number = number * 58n + BigInt(place);
  }
  const found = [];
  for (; number; number >>= 8n) found.unshift(Number(number & 255n));
  return Uint8Array.from([...Array(zeros).fill(0), ...found]);
}

const NOT_BASE58 = "a character that is not base58";

// The 32 bytes of an Ed25519 key written as Multikey.
export function parseMultikey(text) {
  const raw = text.startsWith("z") ? decodeBase58(text.slice(1)) : new Uint8Array();
  if (raw.length !== 34 || raw[0] !== 0xed || raw[1] !== 1) throw new ProofInvalid("the verification method is not an Ed25519 Multikey");
  return raw.subarray(2);
}

const littleEndian = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);

// RFC 8032, 5.1.7, without cofactor: the bytes of R are compared, as OpenSSL does.
export function isSigned(signature, message, key) {
  if (signature.length !== 64) return false;
  const { Point } = ed25519;
  const s = littleEndian(signature.subarray(32));
  if (s >= Point.Fn.ORDER) return false;
  let point;
  try {
    point = Point.fromBytes(key, true);
  } catch {
    return false;
  }
  const digest = sha512(concat(signature.subarray(0, 32), key, message));
  const k = littleEndian(digest) % Point.Fn.ORDER;
  const found = Point.BASE.multiplyUnsafe(s).add(point.multiplyUnsafe(k).negate());
  return equal(found.toBytes(), signature.subarray(0, 32));
}

// Verifies the one proof of a document; answers the verification method that it names.
// What a proof may say: `expires` and the like would ask for more than a signature.
const OPTIONS = new Set(["@context", "id", "type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"]);

export function checkProof(document) {
  const { proof } = document;
  if (!isObject(proof)) throw new ProofInvalid("the document carries no proof");
  if (proof.type !== "DataIntegrityProof" || proof.cryptosuite !== CRYPTOSUITE) throw new ProofInvalid(`the proof is not of the suite ${CRYPTOSUITE}`);
  if (proof.proofPurpose !== "assertionMethod") throw new ProofInvalid("the proof was not made as an assertion");
  const { verificationMethod: method, proofValue: value } = proof;
  if (typeof method !== "string" || typeof value !== "string" || value[0] !== "z") throw new ProofInvalid("the proof names no method or has no value");
  if (!Object.keys(proof).every((name) => OPTIONS.has(name))) throw new ProofInvalid("the proof says more than is checked");
  const unsecured = without(document, "proof");
  const options = without(proof, "proofValue");
  if ("@context" in options && !beginsWith(unsecured["@context"], options["@context"])) throw new ProofInvalid("the proof was made for another @context");
  const key = parseMultikey(method.slice(method.lastIndexOf("#") + 1));
  const signature = decodeBase58(value.slice(1));
  const data = concat(...[options, unsecured].map((part) => sha256(canonicalBytes(part))));
  if (!isSigned(signature, data, key)) throw new ProofInvalid("the signature does not fit the document");
  return method;
}

function without(object, name) {
  const found = Object.assign(Object.create(null), object);
  delete found[name];
  return found;
}

const listed = (value) => (Array.isArray(value) ? value : [value === undefined ? null : value]);

function beginsWith(whole, start) {
  const [long, short] = [listed(whole), listed(start)];
  return short.length <= long.length && short.every((item, at) => canonical(item) === canonical(long[at]));
}

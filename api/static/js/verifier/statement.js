// The artist's statement (EIP-712), as nft/statements.py.

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { Refused, UINT256_MAX, checksummed, concat, keccak, parseAddress, parseUint, toNumber, unhex, utf8, word } from "./bytes.js";
import { isObject } from "./json.js";

const NAME = "Vernissage Statement";
const VERSION = "1";
const MAX_WORKS = 4096;
const TEXTS = ["title", "artist", "date", "medium", "dimensions", "description"];

const ASSET = "Asset(string role,bytes32 sha256,string type,uint256 size)";
const WORK =
  "WorkStatement(uint256 tokenId,uint256 copies,string title,string artist,string date,string medium," +
  "string dimensions,string description,Asset[] assets,bytes32 metadataDigest)";
const WORKS = "WorkStatements(WorkStatement[] works)";
const DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

const hashOf = (text) => keccak(utf8(text));

// The address whose key made a signature of 65 bytes; null where none can have made it.
export function recover(digest, signature) {
  if (!isCanonical(signature)) return null;
  try {
    const compact = secp256k1.Signature.fromBytes(signature.subarray(0, 64), "compact");
    const point = compact.addRecoveryBit(signature[64] - 27).recoverPublicKey(digest);
    return keccak(point.toBytes(false).subarray(1)).subarray(12);
  } catch {
    return null;
  }
}

const ORDER = secp256k1.Point.Fn.ORDER;

// Canonical or not: low s, v of 27 or 28.
function isCanonical(signature) {
  const [r, s] = [toNumber(signature.subarray(0, 32)), toNumber(signature.subarray(32, 64))];
  return r > 0n && r < ORDER && s > 0n && s <= ORDER / 2n && (signature[64] === 27 || signature[64] === 28);
}

export function readSigned(value) {
  if (!isObject(value)) throw new Refused("statement is no object");
  const names = Object.keys(value).filter((name) => name !== "wallet").sort();
  const isOurs = names.join() === "copies,place,signature,signer,token_id,works" && (!("wallet" in value) || value.wallet === "contract");
  if (!isOurs) throw new Refused("other members than a statement has");
  const { works, place } = value;
  if (!Array.isArray(works) || works.length === 0 || works.length > MAX_WORKS) throw new Refused(`works is no list of 1 to ${MAX_WORKS}`);
  if (!Number.isInteger(place) || place < 0 || place >= works.length) throw new Refused("place is none of the works");
  return {
    signer: address(value.signer),
    signature: signatureOf(value.signature),
    copies: whole("copies", value.copies),
    tokenId: whole("token_id", value.token_id),
    place,
    works: works.map((one, at) => digestOf(`works/${at}`, one)),
    byContract: "wallet" in value,
  };
}

function address(value) {
  const found = parseAddress(value);
  if (found === null) throw new Refused("signer is no address");
  if (checksummed(found) !== value) throw new Refused("signer is not written with its checksum");
  return found;
}

function signatureOf(value) {
  const found = typeof value === "string" && /^0x[0-9a-f]*$/.test(value) ? unhex(value.slice(2)) : null;
  if (found === null) throw new Refused("signature is no hex");
  return found;
}

function whole(name, value) {
  const found = parseUint(value);
  if (found === null) throw new Refused(`${name} is no whole number`);
  return found;
}

function digestOf(name, value) {
  if (typeof value !== "string" || !/^0x[0-9a-f]{64}$/.test(value)) throw new Refused(`${name} is no digest`);
  return unhex(value.slice(2));
}

function text(name, value) {
  if (typeof value !== "string") throw new Refused(`${name} is no text`);
  return value;
}

export function stated(described, tokenId, copies, metadataDigest) {
  if (!(copies > 0n && tokenId + copies - 1n <= UINT256_MAX)) throw new Refused("the ids are none that a token can have");
  if (!Array.isArray(described.media)) throw new Refused("media is no list");
  return {
    tokenId,
    copies,
    texts: TEXTS.map((name) => text(name, described[name])),
    assets: described.media.map(asset),
    metadataDigest,
  };
}

function asset(value, position) {
  const at = `media/${position}`;
  if (!isObject(value)) throw new Refused(`${at} is no object`);
  if (!Number.isSafeInteger(value.size) || value.size < 0) throw new Refused(`${at}/size is no whole number`);
  return {
    role: text(`${at}/role`, value.role),
    sha256: digestOf(`${at}/sha256`, value.sha256),
    type: text(`${at}/type`, value.type),
    size: value.size,
  };
}

export function workHash(work) {
  const assets = work.assets.map((one) => keccak(concat(hashOf(ASSET), hashOf(one.role), one.sha256, hashOf(one.type), word(one.size))));
  return keccak(
    concat(hashOf(WORK + ASSET), word(work.tokenId), word(work.copies), ...work.texts.map(hashOf), keccak(concat(...assets)), work.metadataDigest),
  );
}

export function signingDigest(hashes, chainId, contract) {
  const struct = keccak(concat(hashOf(WORKS + ASSET + WORK), keccak(concat(...hashes))));
  const separator = keccak(concat(hashOf(DOMAIN), hashOf(NAME), hashOf(VERSION), word(chainId), word(toNumber(contract))));
  return keccak(concat(Uint8Array.of(0x19, 0x01), separator, struct));
}

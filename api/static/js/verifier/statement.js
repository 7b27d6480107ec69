// The artist's statement (EIP-712), as nft/statements.py.

import { Refused, UINT256_MAX, checksummed, concat, keccak, parseAddress, parseUint, unhex, word } from "./bytes.js";
import { isObject } from "./json.js";
import { hashOf, typedDigest } from "./signing.js";

const NAME = "Vernissage Statement";
const MAX_WORKS = 4096;
const TEXTS = ["title", "artist", "date", "medium", "dimensions", "description"];

const ASSET = "Asset(string role,bytes32 sha256,string type,uint256 size)";
const WORK =
  "WorkStatement(uint256 tokenId,uint256 copies,string title,string artist,string date,string medium," +
  "string dimensions,string description,Asset[] assets,bytes32 metadataDigest)";
const WORKS = "WorkStatements(WorkStatement[] works)";

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
  return typedDigest(NAME, chainId, contract, struct);
}

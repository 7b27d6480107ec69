// What the words of a contract's storage mean: nft/layouts. The code is recognised first; only then
// do its slots mean anything.

import registry from "../../../../nft/layouts/registry.json" with { type: "json" };
import venues from "../../../../nft/layouts/venues.json" with { type: "json" };
import { concat, equal, hex, hex0x, keccak, toBytes, toNumber, unhex, utf8, word } from "./bytes.js";
import { NO_CODE } from "./state.js";
import { creatorOf, mappingSlot, ownershipSlot, unpackOwnership } from "./tokens.js";

// Two ways in which proven state says nothing.
export class NotShown extends Error {}
export class LayoutUnknown extends Error {}

// Whether a layout is of a collection of ours, which counts its transfers.
export const isOurs = (layout) => layout !== null && Object.hasOwn(registry, layout);

const CLONE_HEAD = unhex("363d3d373d3d3d363d73");
const CLONE_TAIL = unhex("5af43d82803e903d91602b57fd5bf3");

// Of EIP-712, by contract.
const DOMAINS = { Auctions: "Vernissage Auctions", Collection: "Vernissage Collection", Exchange: "Vernissage Exchange" };
const DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

// The collection at an address as of a block: {layout, isClone, exchange, artist, slots}.
export function ourCollection(proven, chainId, block, address) {
  const code = codeAt(proven, block, address);
  const clone = readClone(code);
  if (clone === null) return { ...collectionOf(code, address, chainId), isClone: false, artist: null };
  const artist = cloneArtist(clone.args);
  if (artist === null) throw new LayoutUnknown("a clone with other arguments than a collection's");
  const behind = codeAt(proven, block, clone.implementation);
  return { ...collectionOf(behind, clone.implementation, chainId), isClone: true, artist };
}

function collectionOf(code, address, chainId) {
  const { layout, one, written } = recognise(code, address, chainId, registry);
  return { layout, exchange: written.exchange.subarray(12), slots: one.slots };
}

// Which contract of ours stands at an address, as of a block, whose logs say what was paid:
// "Exchange" or "Auctions".
export function venueAt(proven, chainId, block, address) {
  return recognise(codeAt(proven, block, address), address, chainId, venues).one.contract;
}

function codeAt(proven, block, address) {
  const fact = proven.account(block, address);
  if (fact === null) throw new NotShown("the account");
  if (equal(fact.told.codeHash, NO_CODE)) throw new LayoutUnknown("there is no contract");
  const code = proven.code(fact.told.codeHash);
  if (code === null) throw new NotShown("the code");
  return code;
}

function readClone(code) {
  const middle = CLONE_HEAD.length + 20;
  const end = middle + CLONE_TAIL.length;
  const isClone = equal(code.subarray(0, CLONE_HEAD.length), CLONE_HEAD) && equal(code.subarray(middle, end), CLONE_TAIL);
  return isClone ? { implementation: code.subarray(CLONE_HEAD.length, middle), args: code.subarray(end) } : null;
}

// The artist of `abi.encode(address, bytes32, string, string)`; null for any other bytes.
function cloneArtist(args) {
  if (args.length < 6 * 32) return null;
  const name = stringAt(args, 4 * 32);
  const symbol = name && stringAt(args, 4 * 32 + name.encoded.length);
  if (!symbol) return null;
  const head = concat(new Uint8Array(12), args.subarray(12, 32), args.subarray(32, 64), word(4 * 32), word(4 * 32 + name.encoded.length));
  return equal(concat(head, name.encoded, symbol.encoded), args) ? args.subarray(12, 32) : null;
}

function stringAt(args, at) {
  const size = toNumber(args.subarray(at, at + 32));
  if (at + 32 > args.length || size > BigInt(args.length)) return null;
  const data = args.subarray(at + 32, at + 32 + Number(size));
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    return null;
  }
  return { encoded: concat(word(size), data, new Uint8Array((32 - (data.length % 32)) % 32)) };
}

function recognise(code, address, chainId, among) {
  for (const [layout, one] of Object.entries(among)) {
    if (code.length !== one.bytes || hex0x(keccak(masked(one, code))) !== one.masked_code_hash) continue;
    const written = Object.fromEntries(Object.entries(one.immutables).map(([name, places]) => [name, writtenAt(code, places)]));
    checkWritten(written, one.contract, address, chainId);
    return { layout, one, written };
  }
  throw new LayoutUnknown("code that is none of ours");
}

function masked(one, code) {
  const found = Uint8Array.from(code);
  for (const place of Object.values(one.immutables).flat()) found.fill(0, place, place + 32);
  return found;
}

function writtenAt(code, places) {
  const values = new Set(places.map((place) => hex(code.subarray(place, place + 32))));
  if (values.size !== 1) throw new LayoutUnknown("an immutable of several values");
  return unhex([...values][0]);
}

function checkWritten(written, contract, address, chainId) {
  const expected = { ...domainWords(DOMAINS[contract], address, chainId), house: word(toNumber(address)) };
  for (const [name, value] of Object.entries(written)) {
    if (name in expected && !equal(expected[name], value)) throw new LayoutUnknown("an immutable of another place");
    if (name === "exchange" && value.subarray(0, 12).some(Boolean)) throw new LayoutUnknown("an exchange that is no address");
  }
}

function domainWords(name, address, chainId) {
  const [cachedNameHash, cachedVersionHash] = [keccak(utf8(name)), keccak(utf8("1"))];
  const [cachedChainId, cachedThis] = [word(chainId), word(toNumber(address))];
  const cachedDomainSeparator = keccak(concat(keccak(utf8(DOMAIN_TYPE)), cachedNameHash, cachedVersionHash, cachedChainId, cachedThis));
  const [hashedName, hashedVersion] = [cachedNameHash, cachedVersionHash];
  const names = { cachedNameHash, cachedVersionHash, hashedName, hashedVersion, name: short(name), version: short("1") };
  return { cachedDomainSeparator, cachedChainId, cachedThis, ...names };
}

// A text as OpenZeppelin's `ShortString`: its bytes, and their number in the last byte.
function short(text) {
  const found = new Uint8Array(32);
  found.set(utf8(text));
  found[31] = text.length;
  return found;
}

// A work in a collection

// {word, digest, receiver}, each null where the evidence does not show it.
export function findWork(proven, block, { contract, tokenId }, collection) {
  const told = (slot) => {
    const fact = proven.word(block, contract, slot);
    if (fact === null) throw new NotShown("a word");
    return fact.told;
  };
  const word = shown(() => unpackOwnership(told(ownershipSlot(tokenId))));
  return {
    word,
    digest: shown(() => toBytes(told(mappingSlot(tokenId, collection.slots.digests)), 32)),
    receiver: word && shown(() => receiverOf(word.payee, tokenId, () => told(mappingSlot(word.payee, collection.slots.payees)))),
  };
}

function shown(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotShown || error instanceof LayoutUnknown) return null;
    throw error;
  }
}

function receiverOf(payee, tokenId, told) {
  if (payee === 0n) return creatorOf(tokenId);
  const value = told();
  if (value === 0n || value >> 160n) throw new LayoutUnknown("a receiver that is no address");
  return toBytes(value, 20);
}

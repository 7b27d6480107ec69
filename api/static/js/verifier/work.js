// What a certificate says of the work, held against itself: creator, description, statement, files.

import { Refused, checksummed, compare, equal, hex0x, sha256 } from "./bytes.js";
import { canonical, canonicalBytes, isObject } from "./json.js";
import { asCheck, failed, passed, unchecked } from "./report.js";
import { recover } from "./signing.js";
import { readSigned, signingDigest, stated, workHash } from "./statement.js";
import { creatorOf } from "./tokens.js";

const MAX_METADATA = 262_144;

export function checkCreator(claims) {
  const named = checksummed(creatorOf(claims.tokenId));
  const found = equal(creatorOf(claims.tokenId), claims.creator)
    ? passed("creator.pass", named, { address: named })
    : failed("creator.fail", String(claims.tokenId), { address: named });
  return asCheck(found, "creator", true);
}

export const checkDescription = (document, claims) => asCheck(description(document.credentialSubject, claims), "description", true);

function description(subject, claims) {
  const wanted = hex0x(claims.metadataDigest);
  const metadata = subject.metadata.document;
  if (!isObject(metadata)) return failed("description.none", wanted);
  const body = canonicalBytes(metadata);
  if (body.length > MAX_METADATA) return failed("description.none", wanted);
  if (!equal(sha256(body), claims.metadataDigest)) return failed("description.other", wanted);
  if (Object.hasOwn(metadata, "properties") && !isObject(metadata.properties)) return failed("description.shape", wanted);
  const said = described(metadata);
  const other = Object.keys(said).filter((part) => !Object.hasOwn(subject, part) || canonical(subject[part]) !== canonical(said[part]));
  return other.length ? failed("description.differs", wanted, { parts: other.join(", ") }) : passed("description.pass", wanted);
}

const FACTS = ["artist", "alt_text", "date", "medium", "dimensions", "rights"];

// What a certificate repeats of the description that the token's digest names.
function described(metadata) {
  const facts = metadata.properties ?? {};
  const part = (from, name, nothing = "") => (Object.hasOwn(from, name) ? from[name] : nothing);
  return {
    title: part(metadata, "name"),
    description: part(metadata, "description"),
    ...Object.fromEntries(FACTS.map((name) => [name, part(facts, name)])),
    edition: part(facts, "edition", {}),
    media: part(facts, "media", []),
  };
}

export function checkStatement(document, claims) {
  const subject = document.credentialSubject;
  const found = Object.hasOwn(subject, "statement") ? statement(subject.statement, subject, claims) : unchecked("statement.none");
  return asCheck(found, "artist.statement", false);
}

function statement(value, subject, claims) {
  let signed;
  let work;
  try {
    signed = readSigned(value);
    work = stated(subject, signed.tokenId, signed.copies, claims.metadataDigest);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return failed("statement.malformed");
  }
  const signer = checksummed(signed.signer);
  if (claims.tokenId < work.tokenId || claims.tokenId >= work.tokenId + work.copies) return failed("statement.token", signer);
  if (!equal(workHash(work), signed.works[signed.place])) return failed("statement.other", signer);
  if (!equal(signed.signer, claims.creator)) return failed("statement.stranger", signer);
  if (signed.byContract || signed.signature.length !== 65) return unchecked("statement.contract", signer);
  const found = recover(signingDigest(signed.works, claims.chainId, claims.contract), signed.signature);
  if (found === null || !equal(found, signed.signer)) return failed("statement.stranger", signer);
  return passed("statement.pass", signer, { signer });
}

// `held`: [{sha256, source}, …], each file once.
export function checkMedia(claims, held) {
  const lines = claims.media.map(({ role, sha256: stated }, position) => {
    const file = held.find((one) => equal(one.sha256, stated));
    const found = file ? passed("media.pass", hex0x(stated), { source: file.source }) : unchecked("media.absent", hex0x(stated));
    return asCheck(found, `media.${position}.${role}`, false);
  });
  const strange = held.filter((file) => !claims.media.some((one) => equal(one.sha256, file.sha256)));
  const ordered = strange.sort((one, other) => compare(one.sha256, other.sha256));
  return [...lines, ...ordered.map((file) => asCheck(failed("media.other", hex0x(file.sha256)), "media.other", true))];
}

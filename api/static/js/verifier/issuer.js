// Who signed a document, and whether anything but the document says whose key that is.

import { Refused } from "./bytes.js";
import { CRYPTOSUITE, checkProof } from "./integrity.js";
import { isObject } from "./json.js";
import { isMoment } from "./reading.js";
import { failed, passed, unchecked } from "./report.js";

// [whether the one proof of a document holds, the Multikey that made it]
export function signature(document) {
  const method = methodOf(document.proof);
  const { issuer } = document;
  if (method === null || typeof issuer !== "string") return [failed("signature.missing"), ""];
  const at = method.lastIndexOf("#");
  const [named, key] = [method.slice(0, at), method.slice(at + 1)];
  const isOwnKey = !issuer.startsWith("did:key:") || issuer === `did:key:${key}`;
  if (at < 0 || named !== issuer || !isOwnKey) return [failed("signature.stranger", method), ""];
  try {
    checkProof(document);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return [failed("signature.broken", method), ""];
  }
  return [passed("signature.pass", method), key];
}

function methodOf(proof) {
  const isOurs = isObject(proof) && proof.type === "DataIntegrityProof" && proof.cryptosuite === CRYPTOSUITE && proof.proofPurpose === "assertionMethod";
  if (!isOurs) return null;
  const { verificationMethod: method, proofValue: value } = proof;
  return typeof method === "string" && typeof value === "string" && value[0] === "z" ? method : null;
}

// Whose key signed. Offline a copy of the issuer's document names nobody, it only denies. `since` is
// when the document existed at the latest: what a key signed before it leaked goes on to count.
export function nameIssuer(document, key, inputs, since) {
  const copy = inputs.issuerDocument;
  const listed = copy ? keysOf(copy) : new Map();
  if (copy && copy.id !== document.issuer) return failed("identity.other", document.issuer);
  if (copy && !listed.has(key)) return failed("identity.unlisted", key);
  const revoked = listed.get(key) ?? null;
  // A date in another form cannot be compared: then no anchor is known to be from before.
  if (revoked !== null && !(since && isMoment(revoked) && since < revoked)) return failed("identity.revoked", key, { date: revoked });
  if (inputs.knownIssuers.has(key)) return passed("identity.known", key, { who: inputs.knownIssuers.get(key) });
  return unchecked(copy ? "identity.copied" : "identity.unknown", key);
}

// The key, and those that the reader knows by the same name: one issuer's, as keys change. Without a
// key (no signature holds) every known one: that the document fails is said already.
export function keysBeside(key, { knownIssuers: known }) {
  if (!key) return new Set(known.keys());
  const same = [...known.keys()].filter((one) => known.get(one) === known.get(key));
  return new Set([key, ...same]);
}

// The Multikeys that a DID document lists, past ones too, and when each leaked.
export function keysOf(document) {
  const methods = Array.isArray(document.verificationMethod) ? document.verificationMethod : [];
  const listed = methods.filter((method) => isObject(method) && typeof method.publicKeyMultibase === "string");
  return new Map(listed.map(({ publicKeyMultibase, revoked }) => [publicKeyMultibase, typeof revoked === "string" ? revoked : null]));
}

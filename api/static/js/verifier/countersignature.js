// Whether a gallery signed the same certificate, as far as that can be known without its domain:
// nft/verification/countersignature.py.

import { Refused, checksummed, hex0x } from "./bytes.js";
import { checkProof } from "./integrity.js";
import { canonical, isObject } from "./json.js";
import { asCheck, failed, passed, unchecked } from "./report.js";

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const checkCountersignatures = (claims, inputs) =>
  inputs.countersignatures.map((entry, position) => asCheck(check(entry, claims, inputs), `countersignature.${position}`, false));

function check(entry, claims, inputs) {
  const document = entry.document;
  if (!isObject(document) || inputs.certificateSha256 === null) return failed("countersignature.broken");
  const signed = galleryOf(document);
  if (signed === null) return failed("countersignature.broken");
  const [who, key] = signed;
  if (canonical(document.credentialSubject ?? null) !== canonical(subjectOf(claims, inputs.certificateSha256))) return failed("countersignature.other", key);
  if (isSomething(entry.withdrawn_at)) return unchecked("countersignature.withdrawn", key, { who });
  // By the reader's name for the key: who signs can call themselves anybody's.
  return inputs.knownIssuers.has(key) ? passed("countersignature.pass", key, { who: inputs.knownIssuers.get(key) }) : unchecked("countersignature.copied", key, { who });
}

function isSomething(value) {
  if (value === undefined || value === null) return false;
  return typeof value === "object" ? Object.keys(value).length > 0 : Boolean(value);
}

// What is signed has no end and no status of its own: a gallery takes it back.
const MEMBERS = new Set(["@context", "id", "type", "issuer", "validFrom", "credentialSubject", "proof"]);

// The gallery's DID and its key; null where the document is no countersignature that holds.
function galleryOf(document) {
  const types = document.type;
  if (!Array.isArray(types) || !types.includes("Countersignature") || !types.includes("VerifiableCredential")) return null;
  if (!Object.keys(document).every((name) => MEMBERS.has(name))) return null;
  if (typeof document.issuer !== "string" || !isDidWeb(document.issuer)) return null;
  let method;
  try {
    method = checkProof(document);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
  const at = method.lastIndexOf("#");
  return at >= 0 && method.slice(0, at) === document.issuer ? [document.issuer, method.slice(at + 1)] : null;
}

// A whole host, in the one way in which it is written: nft/domains.py.
function isDidWeb(text) {
  if (!text.startsWith("did:web:")) return false;
  const name = text.slice("did:web:".length);
  const labels = name.split(".");
  if (name.length > 253 || labels.length < 2 || !labels.every((label) => LABEL.test(label))) return false;
  if (/^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1))) return false;
  return labels.every((label) => label.slice(2, 4) !== "--" || label.startsWith("xn--"));
}

function subjectOf({ chainId, contract, tokenId, creator, metadataDigest }, certificate) {
  const asset = `eip155:${chainId}/erc721:${checksummed(contract)}/${tokenId}`;
  return {
    id: `urn:vernissage:work:${asset}`,
    certificate: { sha256: hex0x(certificate) },
    token: asset,
    metadata: { sha256: hex0x(metadataDigest) },
    creator: { account: `eip155:${chainId}:${checksummed(creator)}` },
  };
}

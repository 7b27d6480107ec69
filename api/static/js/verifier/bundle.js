// The report on a bundle: its certificate, with everything beside it that bears on the certificate:
// nft/verification/bundle.py. The extract's lines stand behind, and are not required.

import { Refused, hex0x, sha256 } from "./bytes.js";
import { readAnchor } from "./anchor.js";
import { readProofs } from "./blocks.js";
import { assetOf, verifyCertificate } from "./certificate.js";
import { readClaims } from "./claims.js";
import { FORMAT as EXTRACT, verifyExtract } from "./extract.js";
import { isObject } from "./json.js";
import { readJson } from "./reading.js";
import { asCheck, failed, passed, refused, report } from "./report.js";
import { NAMES } from "./zip.js";

const READ = ["certificate.json", "extract.json", "links.json", "anchor.json", "status.json", "issuer.json", "standing.json"];

// `files`: bytes by name.
export async function verifyBundle(files, inputs) {
  if (![...files.keys()].every((name) => NAMES.includes(name)) || !files.has("certificate.json")) return refused("document.archive");
  const parts = read(files);
  const certificate = parts.get("certificate.json");
  if (!certificate) return refused("document.json");
  const brought = beside(parts, inputs);
  const extract = parts.get("extract.json") ?? null;
  const links = parts.get("links.json") ?? null;
  const more = [links && readProofs(links), extract && readProofs(extract.evidence ?? null), extract && readProofs(extract.links ?? null)].filter((one) => one !== null);
  const found = await verifyCertificate(certificate, brought, more);
  if (found.checks[0].result === "fail") return found;
  const checks = [...found.checks, ...checkFiles(parts, certificate)];
  if (extract === null) return report(checks, found.blocks);
  const token = readClaims(certificate);
  // A header names no chain: the reader's hashes are of the certificate's.
  const isOfChain = extract.chain_id === String(token.chainId);
  const trusted = isOfChain ? brought : { ...brought, blockHashes: new Map(), checkpoints: new Map() };
  const drawn = extract.format === EXTRACT ? verifyExtract(extract, trusted, all(certificate, brought.anchor, more)) : refused("document.unknown");
  const isSame = extract.asset === assetOf(token);
  const lines = drawn.checks.map((check) => ({ ...check, id: `extract.${check.id}`, required: false }));
  return report([...(isSame ? withOwner(checks, drawn) : checks), ...lines, checkToken(isSame)], together(found.blocks, drawn.blocks));
}

class Parts {
  unread = [];
  documents = new Map();

  constructor(files) {
    this.files = files;
  }

  get(name) {
    return this.documents.get(name);
  }
}

function read(files) {
  const parts = new Parts(files);
  for (const name of READ.filter((one) => files.has(one))) {
    try {
      parts.documents.set(name, readJson(files.get(name)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      parts.unread.push(name);
    }
  }
  return parts;
}

const objects = (value) => (Array.isArray(value) ? value.filter(isObject) : []);

// What the reader brings, and the bundle's own parts where the reader brings none.
function beside(parts, inputs) {
  return {
    ...inputs,
    issuerDocument: inputs.issuerDocument ?? parts.get("issuer.json") ?? null,
    statusLists: [...inputs.statusLists, ...objects(parts.get("status.json")?.lists)],
    anchor: inputs.anchor ?? parts.get("anchor.json") ?? null,
    countersignatures: [...inputs.countersignatures, ...objects(parts.get("standing.json")?.countersignatures)],
    certificateSha256: sha256(parts.files.get("certificate.json")),
  };
}

// Evidence at hand besides the extract's own: the certificate's and the anchor's count too.
function all(certificate, anchor, more) {
  const first = Array.isArray(certificate.evidence) ? certificate.evidence[0] : null;
  const own = isObject(first) ? readProofs(first.proofs ?? null) : null;
  return [...more, own, readAnchor(anchor)?.proofs ?? null].filter((one) => one !== null);
}

function checkFiles(parts, certificate) {
  const line = (found, name, isRequired = false) => asCheck(found, `bundle.${name}`, isRequired);
  const checks = parts.unread.map((name) => line(failed("bundle.unread", name), name, true));
  const metadata = parts.files.get("metadata.json");
  if (metadata) {
    const subject = certificate.credentialSubject;
    const wanted = subject.metadata.sha256;
    // Before the mint there is no token that could carry it.
    const [right, wrong] = Object.hasOwn(subject, "voucher") ? ["bundle.offered", "bundle.offered.differs"] : ["bundle.metadata", "bundle.differs"];
    const isSame = hex0x(sha256(metadata)) === wanted;
    checks.push(line(isSame ? passed(right, wanted) : failed(wrong, wanted), "metadata.json"));
  }
  const links = parts.get("links.json");
  if (links) checks.push(line(readProofs(links) ? passed("bundle.links") : failed("bundle.links.broken"), "links.json"));
  return checks;
}

function checkToken(isSame) {
  return asCheck(isSame ? passed("bundle.extract") : failed("bundle.extract.differs"), "bundle.extract.json", false);
}

// The extract's owner stands among the chain's lines, unless a node named one.
function withOwner(checks, drawn) {
  const owner = drawn.checks.find((check) => check.id === "chain.owner");
  if (!owner || checks.some((check) => check.id === "chain.owner")) return checks;
  const last = checks.findLastIndex((check) => check.id.startsWith("chain."));
  return [...checks.slice(0, last + 1), { ...owner, required: false }, ...checks.slice(last + 1)];
}

function together(one, other) {
  const found = new Map([...other, ...one].map((block) => [block.number, block]));
  return [...found.values()].sort((first, second) => (BigInt(first.number) < BigInt(second.number) ? -1 : 1));
}

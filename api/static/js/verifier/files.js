// Files that a reader gives, what each of them is, and the report on all of them together.

import { sha256Of } from "../sha256.js";
import { Refused, parseDigest, parseUint, sha256, unhex } from "./bytes.js";
import { verifyBundle } from "./bundle.js";
import { FORMAT as EVIDENCE } from "./evidence.js";
import { FORMAT as EXTRACT } from "./extract.js";
import { inputsOf } from "./inputs.js";
import { isObject } from "./json.js";
import { readJson } from "./reading.js";
import { refused } from "./report.js";
import { verifyDocument } from "./verify.js";
import { MAX_BYTES, isZip, unpack } from "./zip.js";

const MAX_DOCUMENT = 16 * 1024 * 1024;

// {name, kind, …} of a File or Blob with a name.
export async function readFile(file) {
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (isZip(start) && file.size <= MAX_BYTES + 1024 * 1024) {
    const body = new Uint8Array(await file.arrayBuffer());
    const parts = await unpack(body).catch(nothingIfRefused);
    // Other archives may be works.
    if (parts || /bundle|\.zip$/i.test(file.name)) return { name: file.name, kind: "bundle", parts };
  }
  const looksLikeJson = /\.json(ld)?$/i.test(file.name) || file.type.includes("json") || file.type === "application/vc";
  if (looksLikeJson && file.size <= MAX_DOCUMENT) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return { name: file.name, bytes, ...documentOf(bytes), sha256: sha256(bytes) };
  }
  return { name: file.name, kind: "media", sha256: unhex((await sha256Of(file)).slice(2)) };
}

function nothingIfRefused(error) {
  if (error instanceof Refused) return null;
  throw error;
}

export function documentOf(bytes) {
  let document;
  try {
    document = readJson(bytes);
  } catch (error) {
    if (error instanceof Refused) return { kind: "json", document: null };
    throw error;
  }
  return { kind: kindOf(document), document };
}

function kindOf(document) {
  const types = Array.isArray(document.type) ? document.type : [document.type];
  if (types.includes("CertificateOfAuthenticity")) return "certificate";
  if (types.includes("BitstringStatusListCredential")) return "status";
  if (document.format === EXTRACT) return "extract";
  if (document.format === EVIDENCE) return "evidence";
  if (document.format === "vernissage-anchor-v1") return "anchor";
  if (Array.isArray(document.lists)) return "status";
  if (Array.isArray(document.verificationMethod)) return "issuer";
  // A description is JSON, too, and so may be a work.
  return isObject(document.credentialSubject) ? "certificate" : "media";
}

// Numbers and hashes of a text, `N=0x…` one a line; and the first line that is none.
export function blockHashesOf(text) {
  const hashes = new Map();
  for (const line of text.split(/[\s,;]+/).filter(Boolean)) {
    const [number, hash] = line.split("=");
    const [parsed, digest] = [parseUint(number), parseDigest(hash)];
    if (parsed === null || digest === null) return [hashes, line];
    hashes.set(parsed, digest);
  }
  return [hashes, ""];
}

// {report, kind} on the first bundle, certificate or extract among the files; null without one.
export async function checkFiles(files, brought) {
  const of = (kind) => files.filter((file) => file.kind === kind);
  const main = [...of("bundle"), ...of("certificate"), ...of("extract"), ...of("json")][0];
  if (!main) return null;
  const inputs = inputsOf({
    ...brought,
    media: of("media").map((file) => ({ sha256: file.sha256, source: `read from ${file.name}` })),
    links: [...of("evidence").map((file) => file.document), ...of("extract").flatMap((file) => (file === main ? [] : [file.document.evidence, file.document.links])).filter(isObject)],
    anchor: of("anchor")[0]?.document ?? null,
    statusLists: of("status").flatMap((file) => (Array.isArray(file.document.lists) ? file.document.lists.filter(isObject) : [file.document])),
    issuerDocument: of("issuer")[0]?.document ?? null,
    certificateSha256: main.sha256 ?? null,
  });
  return { report: await reportOn(main, inputs), kind: main.kind };
}

function reportOn(main, inputs) {
  if (main.kind === "bundle") return main.parts ? verifyBundle(main.parts, inputs) : refused("document.archive");
  return main.document ? verifyDocument(main.document, inputs) : refused("document.json");
}

// The report on any file of ours, by what it is: nft/verification/files.py.

import { Refused, sha256 } from "./bytes.js";
import { believe, checkBlocks, checkChainId, readProofs } from "./blocks.js";
import { verifyBundle } from "./bundle.js";
import { verifyCertificate } from "./certificate.js";
import { FORMAT as EVIDENCE } from "./evidence.js";
import { FORMAT as EXTRACT, verifyExtract } from "./extract.js";
import { readJson } from "./reading.js";
import { asCheck, failed, passed, refused, report } from "./report.js";
import { isZip, unpack } from "./zip.js";

export async function verifyFile(body, inputs) {
  if (isZip(body)) {
    const parts = await orNull(() => unpack(body));
    return parts ? verifyBundle(parts, inputs) : refused("document.archive");
  }
  const document = await orNull(() => readJson(body));
  return document ? verifyDocument(document, { ...inputs, certificateSha256: sha256(body) }) : refused("document.json");
}

async function orNull(step) {
  try {
    return await step();
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

export function verifyDocument(document, inputs) {
  if (document.format === EXTRACT) return verifyExtract(document, inputs);
  if (document.format === EVIDENCE) return verifyEvidence(document, inputs);
  return verifyCertificate(document, inputs);
}

// Evidence that stands alone: whether it holds, and which of its blocks are linked.
export function verifyEvidence(document, inputs) {
  const line = asCheck(passed("document.evidence"), "document", true);
  const proofs = readProofs(document);
  if (proofs === null) return report([line, asCheck(failed("evidence.fail"), "evidence", true)]);
  const believed = believe(proofs.chainId, inputs, [proofs]);
  const [lines, blocks] = checkBlocks(believed, proofs.headers.keys(), { required: true });
  return report([line, asCheck(passed("evidence.pass"), "evidence", true), ...lines, ...checkChainId(proofs.chainId, inputs)], blocks);
}

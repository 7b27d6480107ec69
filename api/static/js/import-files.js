// What was chosen or dropped: a folder's own files by name, and the sheet among them.

import { sha256Of } from "./sha256.js";

const SHEET = /\.(csv|tsv)$/i;
const depth = (file) => (file.webkitRelativePath || file.name).split("/").length;

export class Chosen {
  constructor() {
    this.files = new Map();
    this.sheet = null;
    this.folder = "";
    this.hashes = new WeakMap();
  }

  // Files of a folder; what lies deeper is passed by.
  add(files) {
    const shallow = Math.min(...files.map(depth));
    for (const file of files) {
      if (depth(file) > Math.max(shallow, 2) || file.name.startsWith(".")) continue;
      if (SHEET.test(file.name)) this.#offer(file);
      else this.files.set(file.name.normalize("NFC"), file);
      if (file.webkitRelativePath) this.folder = file.webkitRelativePath.split("/")[0];
    }
  }

  setSheet(file) {
    this.sheet = file;
  }

  #offer(file) {
    const isNamed = /^works\.(csv|tsv)$/i.test(file.name);
    if (!this.sheet || isNamed) this.sheet = file;
  }

  get size() {
    return [...this.files.values()].reduce((sum, file) => sum + file.size, 0);
  }

  // Name, size and hash of every file; each is read once.
  async facts(onFile) {
    const found = [];
    for (const [name, file] of this.files) {
      if (!this.hashes.has(file)) this.hashes.set(file, await sha256Of(file));
      found.push({ name, size: file.size, sha256: this.hashes.get(file) });
      onFile(found.length, this.files.size);
    }
    return found;
  }
}

// The sheet's bytes in base64, whatever they are.
export async function base64Of(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}

// The files of a drop: those of a dropped folder, or those that were dropped by themselves.
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const plain = [...transfer.files];
  const folder = entries.find((entry) => entry.isDirectory);
  if (!folder) return { files: plain, folder: "" };
  const files = (await listed(folder.createReader())).filter((entry) => entry.isFile);
  const read = (entry) => new Promise((resolve, reject) => { entry.file(resolve, reject); });
  return { files: await Promise.all(files.map(read)), folder: folder.name };
}

// A reader hands out a hundred entries at a time, until it hands out none.
async function listed(reader) {
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (!some.length) return found;
    found.push(...some);
  }
}

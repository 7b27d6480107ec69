// The desk: documents and files are dropped on it, read in this browser, and reported on. Nothing
// is sent anywhere. The page brings the markup (certificates/_desk.html) and the words.

import { make } from "../dom.js";
import { blockHashesOf, checkFiles, readFile } from "./files.js";
import { renderReport } from "./render.js";

export function openDesk(root, speech) {
  return new Desk(root, speech);
}

class Desk {
  #files = [];
  #turn = 0;

  constructor(root, speech) {
    this.root = root;
    this.speech = speech;
    this.at = (name) => root.querySelector(`[data-${name}]`);
    this.#listen();
  }

  // In another language, or with other hashes.
  async show() {
    const turn = (this.#turn += 1);
    const { say } = this.speech;
    this.at("held").replaceChildren(...this.#files.map((file) => this.#held(file)));
    const [hashes, wrong] = blockHashesOf(this.at("hashes").value);
    this.at("wrong").textContent = wrong ? say("This is no block hash: {text}", { text: wrong }) : "";
    this.at("beyond").hidden = this.#files.length === 0;
    const found = await checkFiles(this.#files, { blockHashes: hashes, knownIssuers: new Map(Object.entries(this.speech.issuers ?? {})) });
    if (turn !== this.#turn) return;
    this.at("after").hidden = !found;
    this.at("report").replaceChildren(...(found ? renderReport(found.report, found.kind, this.speech) : this.#nothingYet()));
  }

  #nothingYet() {
    const isLonely = this.#files.length > 0;
    const { say } = this.speech;
    return isLonely ? [make("p", { class: "quiet" }, say("Now give the certificate, the extract or the bundle that these files belong to."))] : [];
  }

  #held(file) {
    const { say } = this.speech;
    const kinds = {
      bundle: say("a bundle"),
      certificate: say("a certificate"),
      extract: say("an ownership extract"),
      evidence: say("proofs that link blocks"),
      anchor: say("an anchor"),
      status: say("a status list"),
      issuer: say("keys of an issuer"),
      json: say("a document that cannot be read"),
      media: say("a file"),
    };
    const remove = make("button", { type: "button", class: "copy", onclick: () => this.#drop(file) }, say("Take it away"));
    return make("li", {}, make("span", {}, make("strong", {}, file.name), " · ", kinds[file.kind]), remove);
  }

  #drop(file) {
    this.#files = this.#files.filter((one) => one !== file);
    this.show();
  }

  async #take(list) {
    const { say } = this.speech;
    this.at("busy").textContent = say("Reading…");
    for (const file of list) {
      try {
        this.#files.push(await readFile(file));
      } catch {
        this.at("busy").textContent = say("{name} could not be read.", { name: file.name });
        return;
      }
    }
    this.at("busy").textContent = "";
    await this.show();
    this.at("report").focus({ preventScroll: false });
  }

  #listen() {
    const input = this.at("files");
    const place = this.at("drop");
    input.disabled = false;
    input.addEventListener("change", () => {
      this.#take([...input.files]).finally(() => {
        input.value = "";
      });
    });
    this.at("hashes").addEventListener("input", () => this.show());
    this.at("print").addEventListener("click", () => window.print());
    // Anywhere on the page: a file that misses the frame must not take its place.
    for (const name of ["dragenter", "dragover"]) {
      document.addEventListener(name, (event) => {
        event.preventDefault();
        place.classList.add("over");
      });
    }
    document.addEventListener("dragleave", (event) => event.relatedTarget === null && place.classList.remove("over"));
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("over");
      this.#take([...event.dataTransfer.files]);
    });
  }
}

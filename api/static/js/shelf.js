// The files of a work: chosen, dropped or pasted, sent, and kept in the draft by their uploads.

import { make } from "./dom.js";
import { _, locale } from "./i18n.js";
import { ShelfFile, kindOf } from "./shelf-file.js";
import { pictureOf } from "./viewer.js";

const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const size = (bytes) => (bytes < 1e6 ? `${number.format(bytes / 1e3)}\u00a0kB` : `${number.format(bytes / 1e6)}\u00a0MB`);

// The work, what goes with it, and its cover: a file that shows no picture is known by another.
export class FileShelf {
  constructor({ place, onChange }) {
    Object.assign(this, { place, onChange, files: [] });
    this.shown = make("div", { "aria-live": "polite" });
    this.besides = make("div");
    place.append(this.shown, this.besides);
    const easel = document.querySelector("[data-easel]");
    const pick = document.querySelector("[data-pick]");
    this.limits = JSON.parse(easel.dataset.limits);
    easel.addEventListener("click", () => pick.click());
    const take = () => {
      this.#takeAll(pick.files);
      pick.value = "";
    };
    pick.addEventListener("change", take);
    for (const name of ["dragenter", "dragover"]) {
      easel.addEventListener(name, (event) => {
        event.preventDefault();
        easel.classList.add("over");
      });
    }
    for (const name of ["dragleave", "drop"]) easel.addEventListener(name, () => easel.classList.remove("over"));
    easel.addEventListener("drop", (event) => {
      event.preventDefault();
      this.#takeAll(event.dataTransfer.files);
    });
    document.addEventListener("paste", (event) => this.#takeAll(event.clipboardData?.files ?? []));
    this.offline = make("p", { class: "notice", role: "status", hidden: navigator.onLine }, _("You are offline. What was sent is kept, and sending goes on by itself when the network is back."));
    place.before(this.offline);
    window.addEventListener("offline", () => { this.offline.hidden = false; });
    window.addEventListener("online", () => {
      this.offline.hidden = true;
      for (const file of this.files) file.goOn();
    });
    if (pick.files.length) queueMicrotask(take); // Chosen before this page could listen.
  }

  // What the preview shows: the work itself where it is no picture, else the picture.
  first() {
    return this.#work() ?? this.files[0] ?? null;
  }

  lacksCover() {
    const ready = this.files.filter((file) => file.state === "ready");
    return ready.some((file) => file.bare) && !ready.some((file) => file.role === "image");
  }

  isReady() {
    return this.files.length > 0 && this.files.every((file) => file.state === "ready") && !this.lacksCover();
  }

  isBusy() {
    return this.files.some((file) => ["sending", "paused", "stopped"].includes(file.state));
  }

  findings() {
    return this.files.flatMap((file) => file.findings.map((each) => ({ ...each, upload_id: file.upload_id })));
  }

  // All findings as the mint told them, each with its upload.
  learn(findings) {
    for (const file of this.files) file.findings = findings.filter((each) => each.upload_id === file.upload_id);
  }

  sourceOf(finding) {
    const file = this.files.find((each) => each.upload_id === finding.upload_id);
    return file?.type?.startsWith("image/") ? file.source : file?.thumb;
  }

  media() {
    return this.files.filter((file) => file.state === "ready").map(({ upload_id, role }) => ({ upload_id, role }));
  }

  // What the draft keeps: enough to go on with on another device.
  facts() {
    return this.files.filter((file) => file.state === "ready").map((file) => file.facts());
  }

  restore(files) {
    this.files = files.filter((kept) => kept?.upload_id).map((kept) => this.#made({ ...kept, role: kept.role ?? "image" }).restored());
    this.#draw();
  }

  #takeAll(files) {
    for (const file of files) this.take(file);
  }

  async take(file) {
    const most = this.limits[kindOf(file.type)] ?? this.limits.any;
    const name = file.name || _("pasted picture");
    const mine = this.#made({ name, type: file.type, bytes: file.size, role: this.#roleOf(file.type), findings: [] });
    this.files.push(mine);
    this.#draw();
    if (!file.size || file.size > most) {
      mine.fail(file.size ? _("{name} has {size}; at most {most} are taken.", { name, size: size(file.size), most: size(most) }) : _("{name} is empty.", { name }));
      return;
    }
    this.onChange();
    await mine.send(file);
  }

  // The first picture is the work's; what is no picture is the work itself.
  #roleOf(type) {
    const taken = new Set(this.files.filter((file) => file.state !== "failed").map((file) => file.role));
    if (!type.startsWith("image/")) return type === "application/pdf" ? "document" : "animation";
    return taken.has("image") ? "document" : "image";
  }

  #made(facts) {
    return new ShelfFile(facts, {
      onChange: (file) => {
        if (!this.files.includes(file)) return;
        this.#drawCover();
        this.onChange();
      },
      onRemove: (file) => {
        this.files = this.files.filter((each) => each !== file);
        this.#draw();
        this.onChange();
      },
      size,
    });
  }

  #draw() {
    this.shown.replaceChildren(...this.files.map((file) => file.element));
    this.#drawCover();
  }

  #work() {
    return this.files.find((file) => file.role !== "image" && file.kind && file.kind !== "image");
  }

  // Where a cover is chosen or taken of a model: for every work that is no picture.
  #drawCover() {
    this.besides.replaceChildren();
    const work = this.#work();
    if (!work) return;
    const pick = make("input", { type: "file", accept: "image/*", hidden: true, tabindex: "-1", "aria-label": _("Cover file"), "data-pick-cover": true });
    pick.addEventListener("change", () => pick.files[0] && this.#takeCover(pick.files[0]));
    const chosen = this.files.some((file) => file.role === "image");
    const words = chosen ? _("The work is known by the picture you chose. You may choose another.") : work.bare ? _("The file shows no picture by itself. Choose one, by which the work is known in lists and elsewhere.") : _("The work is known by a picture taken from the file. You may choose another.");
    const choose = make("button", { class: "button plain", type: "button", onclick: () => pick.click() }, _("Choose a cover"));
    const photo = make("button", { class: "button plain", type: "button", onclick: () => this.#photograph() }, _("Take it of the model, as it stands in the preview"));
    this.wrong = make("p", { class: "wrong", role: "alert", hidden: true }, _("Start the model in the preview first, and turn it as it should be seen."));
    this.besides.append(make("div", { class: "cover" }, make("p", {}, words), make("p", { class: "actions" }, choose, work.kind === "model" ? photo : null), pick, this.wrong));
  }

  #takeCover(file) {
    this.files = this.files.filter((each) => each.role !== "image");
    return this.take(file);
  }

  async #photograph() {
    const picture = await pictureOf(document);
    this.wrong.hidden = Boolean(picture);
    if (picture) this.#takeCover(new File([picture], "cover.png", { type: "image/png" }));
  }
}

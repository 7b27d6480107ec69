// The file of a work: chosen, dropped or pasted, sent, and kept in the draft by its upload.

import { make } from "./dom.js";
import { _, locale } from "./i18n.js";
import { upload } from "./upload.js";

const THUMB_PX = 640;
const size = (bytes) => `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(bytes / 1e6)}\u00a0MB`;

async function measure(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, THUMB_PX / Math.max(bitmap.width, bitmap.height));
    const canvas = make("canvas", { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) });
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return { width: bitmap.width, height: bitmap.height, thumb: canvas.toDataURL("image/webp", 0.7) };
  } catch {
    return { width: null, height: null, thumb: null };
  }
}

export class FileShelf {
  constructor({ place, onChange }) {
    Object.assign(this, { place, onChange, file: null });
    const easel = document.querySelector("[data-easel]");
    const pick = document.querySelector("[data-pick]");
    easel.addEventListener("click", () => pick.click());
    pick.addEventListener("change", () => pick.files[0] && this.take(pick.files[0]));
    for (const name of ["dragenter", "dragover"]) {
      easel.addEventListener(name, (event) => {
        event.preventDefault();
        easel.classList.add("over");
      });
    }
    for (const name of ["dragleave", "drop"]) easel.addEventListener(name, () => easel.classList.remove("over"));
    easel.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files[0]) this.take(event.dataTransfer.files[0]);
    });
    document.addEventListener("paste", (event) => {
      const file = [...(event.clipboardData?.files ?? [])][0];
      if (file) this.take(file);
    });
  }

  first() {
    return this.file;
  }

  isReady() {
    return this.file?.state === "ready";
  }

  isBusy() {
    return this.file?.state === "sending";
  }

  findings() {
    return this.file?.findings ?? [];
  }

  media() {
    return this.file ? [{ upload_id: this.file.upload_id, role: "image" }] : [];
  }

  // What the draft keeps: enough to go on with on another device.
  facts() {
    if (!this.isReady()) return [];
    const { upload_id, name, type, bytes, width, height, thumb, findings, sha256 } = this.file;
    return [{ upload_id, name, type, bytes, width, height, thumb, findings, sha256 }];
  }

  restore(files) {
    const [kept] = files;
    if (!kept?.upload_id) return;
    this.file = { ...kept, state: "ready", source: kept.thumb };
    this.#draw();
    for (const stage of ["received", "hashed", "checked"]) this.#stage(stage);
  }

  async take(file) {
    const facts = await measure(file);
    const mine = { name: file.name || _("pasted picture"), type: file.type, bytes: file.size, ...facts, state: "sending", source: URL.createObjectURL(file), findings: [] };
    this.file = mine;
    this.#draw();
    this.onChange();
    try {
      const done = await upload(file, {
        onBytes: (sent, total, left) => this.file === mine && this.#bytes(sent, total, left),
        onStage: (stage) => this.file === mine && this.#stage(stage),
      });
      Object.assign(mine, { upload_id: done.id, state: "ready", type: done.media.type, width: done.media.width, height: done.media.height, findings: done.findings ?? [], sha256: done.media.sha256 });
    } catch (error) {
      mine.state = "failed";
      if (this.file === mine) this.#fail(error.message);
    }
    if (this.file === mine) this.onChange();
  }

  #draw() {
    this.progress = make("progress", { max: 1, value: this.file.state === "ready" ? 1 : 0, "aria-label": _("Bytes sent") });
    this.said = make("span", { class: "quiet small" }, size(this.file.bytes ?? 0));
    this.wrong = make("p", { class: "wrong", role: "alert", hidden: true });
    this.stages = make("ol", { class: "stages" }, ...Object.entries({ received: _("received"), hashed: _("hashed"), checked: _("checked"), pinned: _("pinned, after your consent"), read_back: _("read back") }).map(([name, words]) => make("li", { "data-stage": name }, words)));
    this.place.replaceChildren(make("div", { class: "file" }, make("strong", {}, this.file.name), this.said, this.progress, this.stages, this.wrong));
  }

  #bytes(sent, total, left) {
    this.progress.value = total ? sent / total : 0;
    const time = left === null ? "" : ` · ${_("{seconds} s left", { seconds: left })}`;
    this.said.textContent = `${size(sent)} / ${size(total)} · ${Math.floor((100 * sent) / Math.max(1, total))}%${time}`;
  }

  #stage(name) {
    for (const stage of this.stages.children) {
      stage.classList.remove("now");
      if (stage.dataset.stage === name) {
        stage.classList.add("done");
        if (["received", "hashed"].includes(name)) stage.nextElementSibling?.classList.add("now");
      }
    }
    if (name === "checked") for (const stage of [...this.stages.children].slice(0, 3)) stage.classList.add("done");
    this.progress.value = 1;
  }

  #fail(why) {
    this.wrong.hidden = false;
    this.wrong.textContent = why;
  }
}

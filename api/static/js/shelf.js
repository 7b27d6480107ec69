// The file of a work: chosen, dropped or pasted, sent, and kept in the draft by its upload.

import { make } from "./dom.js";
import { _, locale } from "./i18n.js";
import { upload } from "./upload.js";
import { pictureOf } from "./viewer.js";

const THUMB_PX = 640;
const ROLES = { image: "image", document: "document", video: "animation", audio: "animation", model: "animation", page: "animation" };
const KEPT = ["upload_id", "name", "type", "kind", "bare", "bytes", "width", "height", "thumb", "findings", "sha256"];
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

// The work, and its cover where it needs one: a file that shows no picture is known by another.
export class FileShelf {
  constructor({ place, onChange }) {
    Object.assign(this, { place, onChange, file: null, cover: null });
    this.shown = make("div");
    this.besides = make("div");
    place.append(this.shown, this.besides);
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

  // What the browser itself can show of the work while the server has not seen it.
  first() {
    return this.file;
  }

  isReady() {
    return this.file?.state === "ready" && this.cover?.state !== "sending" && !this.lacksCover();
  }

  isBusy() {
    return this.#all().some((file) => file.state === "sending");
  }

  lacksCover() {
    return this.file?.state === "ready" && this.file.bare === true && this.cover?.state !== "ready";
  }

  findings() {
    return this.#all().flatMap((file) => file.findings ?? []);
  }

  media() {
    return this.#all().filter((file) => file.state === "ready").map((file) => ({ upload_id: file.upload_id, role: file === this.cover ? "image" : ROLES[file.kind] ?? "image" }));
  }

  // What the draft keeps: enough to go on with on another device.
  facts() {
    return this.#all().filter((file) => file.state === "ready").map((file) => Object.fromEntries(KEPT.map((name) => [name, file[name]])));
  }

  restore([kept, cover]) {
    if (!kept?.upload_id) return;
    this.file = { ...kept, state: "ready", source: kept.thumb };
    this.cover = cover?.upload_id ? { ...cover, state: "ready" } : null;
    this.#draw(this.shown, this.file);
    for (const stage of ["received", "hashed", "checked"]) this.#stage(this.file, stage);
    this.#drawCover();
  }

  // The work itself; the cover of another one goes with that.
  take(file) {
    this.cover = null;
    return this.#send(file, "file", this.shown);
  }

  takeCover(file) {
    return this.#send(file, "cover", this.coverPlace);
  }

  #all() {
    return [this.file, this.cover].filter(Boolean);
  }

  async #send(file, name, place) {
    const facts = await measure(file);
    const mine = { name: file.name || _("pasted picture"), type: file.type, bytes: file.size, ...facts, state: "sending", source: facts.thumb && URL.createObjectURL(file), findings: [] };
    this[name] = mine;
    this.#draw(place, mine);
    if (name === "file") this.besides.replaceChildren();
    this.onChange();
    try {
      const done = await upload(file, {
        onBytes: (sent, total, left) => this[name] === mine && this.#bytes(mine, sent, total, left),
        onStage: (stage) => this[name] === mine && this.#stage(mine, stage),
      });
      const { media } = done;
      Object.assign(mine, { upload_id: done.id, state: "ready", type: media.type, kind: media.kind, bare: media.kind !== "image" && !media.blur, width: media.width, height: media.height, findings: done.findings ?? [], sha256: media.sha256 });
      if (name === "file") this.#drawCover();
    } catch (error) {
      mine.state = "failed";
      if (this[name] === mine) this.#fail(mine, error.message);
    }
    if (this[name] === mine) this.onChange();
  }

  // Where a cover is chosen, taken of a model, or seen: for every work that is no picture.
  #drawCover() {
    this.besides.replaceChildren();
    if (!this.file.kind || this.file.kind === "image") return;
    const pick = make("input", { type: "file", accept: "image/*", hidden: true, tabindex: "-1", "aria-label": _("Cover file"), "data-pick-cover": true });
    pick.addEventListener("change", () => pick.files[0] && this.takeCover(pick.files[0]));
    const words = this.file.bare ? _("The file shows no picture by itself. Choose one, by which the work is known in lists and elsewhere.") : _("The work is known by a picture taken from the file. You may choose another.");
    const choose = make("button", { class: "button plain", type: "button", onclick: () => pick.click() }, _("Choose a cover"));
    const photo = make("button", { class: "button plain", type: "button", onclick: () => this.#photograph() }, _("Take it of the model, as it stands in the preview"));
    this.coverPlace = make("div", { "aria-live": "polite" });
    this.besides.append(make("div", { class: "cover" }, make("p", {}, words), make("p", { class: "actions" }, choose, this.file.kind === "model" ? photo : null), pick, this.coverPlace));
    if (this.cover) {
      this.#draw(this.coverPlace, this.cover);
      this.#stage(this.cover, "checked");
    }
  }

  async #photograph() {
    const picture = await pictureOf(document);
    if (picture) this.takeCover(new File([picture], "cover.png", { type: "image/png" }));
    else this.coverPlace.replaceChildren(make("p", { class: "wrong", role: "alert" }, _("Start the model in the preview first, and turn it as it should be seen.")));
  }

  #draw(place, file) {
    file.parts = {
      progress: make("progress", { max: 1, value: file.state === "ready" ? 1 : 0, "aria-label": _("Bytes sent") }),
      said: make("span", { class: "quiet small" }, size(file.bytes ?? 0)),
      wrong: make("p", { class: "wrong", role: "alert", hidden: true }),
      stages: make("ol", { class: "stages" }, ...Object.entries({ received: _("received"), hashed: _("hashed"), checked: _("checked"), pinned: _("pinned, after your consent"), read_back: _("read back") }).map(([name, words]) => make("li", { "data-stage": name }, words))),
    };
    const { progress, said, wrong, stages } = file.parts;
    place.replaceChildren(make("div", { class: "file" }, make("strong", {}, file.name), said, progress, stages, wrong));
  }

  #bytes({ parts }, sent, total, left) {
    parts.progress.value = total ? sent / total : 0;
    const time = left === null ? "" : ` · ${_("{seconds} s left", { seconds: left })}`;
    parts.said.textContent = `${size(sent)} / ${size(total)} · ${Math.floor((100 * sent) / Math.max(1, total))}%${time}`;
  }

  #stage({ parts }, name) {
    for (const stage of parts.stages.children) {
      stage.classList.remove("now");
      if (stage.dataset.stage === name) {
        stage.classList.add("done");
        if (["received", "hashed"].includes(name)) stage.nextElementSibling?.classList.add("now");
      }
    }
    if (name === "checked") for (const stage of [...parts.stages.children].slice(0, 3)) stage.classList.add("done");
    parts.progress.value = 1;
  }

  #fail({ parts }, why) {
    parts.wrong.hidden = false;
    parts.wrong.textContent = why;
  }
}

// Inside the sandboxed frame on the media origin: one model, turned by whoever looks at it. The
// address of the model stands behind #, is one of this origin, and nothing else is ever loaded.

const here = new URL(import.meta.url).origin;
const asked = new URLSearchParams(location.hash.slice(1));
const from = new URL(asked.get("model") ?? "", here);

if (from.origin === here && /^\/(ipfs|_private)\//.test(from.pathname)) {
  const stage = document.createElement("model-viewer");
  stage.setAttribute("camera-controls", "");
  stage.setAttribute("touch-action", "pan-y");
  stage.setAttribute("interaction-prompt", "none");
  stage.setAttribute("alt", asked.get("alt") ?? "");
  stage.setAttribute("environment-image", "neutral");
  if (asked.has("moves")) stage.setAttribute("autoplay", "");
  // The page around is of another origin and learns two words from here, nothing else.
  stage.addEventListener("load", () => parent.postMessage({ stage: "shown" }, "*"));
  stage.addEventListener("error", () => parent.postMessage({ stage: "failed" }, "*"));
  window.addEventListener("message", async (event) => {
    if (event.source !== parent || event.data !== "picture") return;
    const picture = await stage.toBlob({ mimeType: "image/png", idealAspect: true });
    parent.postMessage({ stage: "picture", picture }, "*");
  });
  stage.src = from.href;
  document.body.append(stage);
}

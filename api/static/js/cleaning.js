// A copy of a file without what it tells about its maker, made by the server from what it has already.

import { follow } from "./following.js";
import { ask } from "./http.js";
import { _ } from "./i18n.js";

const TYPES = ["image/jpeg", "image/png", "image/webp", "video/mp4", "video/quicktime"];
const TELLING = ["GpsPosition", "CameraDetails", "AuthorDetails", "ExtraPictures"];

// What a file tells about its maker, in the server's sentences.
export const telling = ({ findings }) => findings.filter(({ code }) => TELLING.includes(code)).map(({ detail }) => detail);
export const canClean = (file) => TYPES.includes(file.type) && telling(file).length > 0;

// The copy as the API tells it, once it is checked.
export async function clean(id) {
  const copy = await ask("POST", `/api/uploads/${id}/clean`);
  return new Promise((resolve, reject) => {
    follow(copy.id, (found) => {
      if (found?.state === "ready") resolve(found);
      else if (!found || found.state === "refused") reject(new Error(found?.problem?.detail ?? _("The upload is gone from the server. Choose the file again.")));
      else return false;
      return true;
    });
  });
}

// A copy of a file without what it tells about its maker, made by the server from what it has already.

import { follow } from "./following.js";
import { ask } from "./http.js";
import { _ } from "./i18n.js";

const TYPES = ["image/jpeg", "image/png", "image/webp", "video/mp4", "video/quicktime"];
const TELLING = ["GpsPosition", "CameraDetails", "AuthorDetails", "ExtraPictures"];

export const canClean = ({ type, findings }) => TYPES.includes(type) && findings.some(({ code }) => TELLING.includes(code));

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

// The page of a work that its first collector mints.

import { listen } from "./actions.js";
import "./closely.js";
import { redeem, takeBack } from "./deal.js";
import "./viewer.js";

const viewer = document.body.dataset.viewer;

listen(document.querySelector("[data-voucher]"), {
  redeem: async ({ hash }) => {
    const done = await redeem(hash, viewer);
    if (done?.result?.work_url) location.assign(new URL(done.result.work_url, location.origin).pathname);
    else if (done) location.reload();
  },
  cancel: async ({ hash, kind }) => {
    if (await takeBack(hash, kind, viewer)) location.reload();
  },
});

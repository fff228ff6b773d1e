// The photos of an entry: from this phone while they wait, from the server afterwards.
import { t } from "../messages.js";
import { photoOf } from "../offline/media.js";
import { copy, fill } from "./fill.js";

/** @type {Map<string, string>} */
const addresses = new Map();

/**
 * @param {HTMLElement} section @param {Gandan.Store} store @param {Gandan.Body[]} photos of the entry
 */
export async function showPhotos(section, store, photos) {
  const media = await Promise.all(photos.map(({ sha256 }) => store.get("media", sha256)));
  const waiting = media.filter((row) => row && !row.complete_at).length;
  const sent = photos.length - waiting;
  section.hidden = !photos.length;
  fill(section, {
    state: waiting ? t("Ảnh đang gửi ({sent}/{all})", { sent, all: photos.length }) : "",
    waits: waiting > 0,
  });
  const key = JSON.stringify(photos);
  if (section.dataset.shown === key) return; // pictures must not flicker with every news
  section.dataset.shown = key;
  const rows = await Promise.all(photos.map((photo) => rowOf(store, photo)));
  section.querySelector("ul")?.replaceChildren(...rows);
}

/** @param {Gandan.Store} store @param {Gandan.Body} photo */
async function rowOf(store, { sha256, caption = "" }) {
  if (!addresses.has(sha256)) {
    const blob = await photoOf(store, sha256).catch(() => null);
    addresses.set(sha256, blob ? URL.createObjectURL(blob) : `/sync/media/${sha256}`);
  }
  const address = addresses.get(sha256) ?? "";
  const row = fill(copy("photo-row"), { caption, missing: false });
  const image = row.querySelector("img");
  row.querySelector("a")?.setAttribute("href", address);
  const missing = /** @type {HTMLElement | null} */ (row.querySelector("[data-if=missing]"));
  if (image) {
    image.alt = caption || t("Ảnh không có chú thích");
    image.addEventListener("error", () => {
      image.hidden = true;
      if (missing) missing.hidden = false;
    });
    image.src = address;
  }
  return row;
}

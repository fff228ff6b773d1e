// Photos that the browser has lost from its storage: nobody can send them any more.
import { bytesOf, isOwed, owedPhotos } from "./media.js";

/** Which of the photos that wait to be sent are not on this phone any more. @param {Gandan.Store} store @returns {Promise<Gandan.Media[]>} */
export async function lostPhotos(store) {
  const lost = [];
  for (const row of await owedPhotos(store)) if (!(await bytesOf(store, row))) lost.push(row);
  return lost;
}

/**
 * Wait for these no longer. One that was taken again since it was found to be lost stays.
 * @param {Gandan.Store} store @param {Gandan.Media[]} lost
 */
export async function giveUpPhotos(store, lost) {
  await store.write(["media", "blobs", "meta"], async (tx) => {
    const media = tx.objectStore("media");
    const uploads = { ...(await tx.objectStore("meta").get("uploads"))?.value };
    for (const { sha256, added_at } of lost) {
      /** @type {Gandan.Media | undefined} */
      const row = await media.get(sha256);
      if (!row || !isOwed(row) || row.added_at !== added_at) continue;
      await media.delete(sha256);
      await tx.objectStore("blobs").delete(sha256);
      delete uploads[sha256];
    }
    await tx.objectStore("meta").put({ key: "uploads", value: uploads });
  });
  await store.note("photos_given_up", { count: lost.length });
}

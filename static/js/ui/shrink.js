// Pictures made small where they are taken or chosen.

const LONG_SIDE = 1280;
const SHORTEST = 320;
const MOST_BYTES = 150_000;
const QUALITIES = [0.82, 0.72, 0.62, 0.52, 0.42];

/** @typedef {ImageBitmap | HTMLImageElement} Picture */

/** As it was held when it was taken. @param {Blob} file @returns {Promise<Picture>} */
async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    // An older browser, or a format that only an element reads.
    const image = new Image();
    image.src = URL.createObjectURL(file);
    try {
      await image.decode();
    } finally {
      URL.revokeObjectURL(image.src);
    }
    return image;
  }
}

/** @param {Picture} picture @param {number} longest */
function draw(picture, longest) {
  const [wide, high] =
    picture instanceof HTMLImageElement
      ? [picture.naturalWidth, picture.naturalHeight]
      : [picture.width, picture.height];
  const scale = Math.min(1, longest / Math.max(wide, high));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(wide * scale));
  canvas.height = Math.max(1, Math.round(high * scale));
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * A new picture of the picture: small enough, and without anything that was written into the file.
 * @param {Blob} file @returns {Promise<ArrayBuffer>}
 */
export async function shrink(file) {
  const picture = await decode(file);
  try {
    for (let longest = LONG_SIDE; longest >= SHORTEST; longest = Math.round(longest * 0.75)) {
      const canvas = draw(picture, longest);
      for (const quality of QUALITIES) {
        /** @type {Blob | null} */
        const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
        if (made?.type === "image/jpeg" && made.size <= MOST_BYTES) return await made.arrayBuffer();
      }
    }
  } finally {
    if ("close" in picture) picture.close();
  }
  throw new Error("the picture cannot be made small");
}

// An item of a bulletin is composed: a picture is made small before it leaves, for it goes to phones on slow lines.
import { shrink } from "../ui/shrink.js";

const input = /** @type {HTMLInputElement | null} */ (document.querySelector("input[type=file]"));

/** @param {File} file */
async function made(file) {
  if (!file.type.startsWith("image/")) return file;
  try {
    return new File([await shrink(file)], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" });
  } catch {
    return file; // the server says what is wrong with it
  }
}

input?.addEventListener("change", async () => {
  const button = input.form?.querySelector("button");
  if (button) button.disabled = true;
  const chosen = new DataTransfer();
  for (const file of await Promise.all([...(input.files ?? [])].map(made))) chosen.items.add(file);
  input.files = chosen.files;
  if (button) button.disabled = false;
});

// Where a slip is used. The code of a scanned one stands behind the #, so that no server and no log has seen it.
import { isTroubled } from "../ui/first_hour.js";

const code = location.hash.slice(1);
const field = /** @type {HTMLInputElement} */ (document.getElementById("code"));
if (!isTroubled() && code) {
  field.value = code;
  history.replaceState(null, "", location.pathname);
  document.getElementById("password")?.focus();
}

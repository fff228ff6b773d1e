// The card "Tệp dự phòng": make the file, then hand it to another app or save it.
import { t } from "../messages.js";
import { problem } from "../offline/problems.js";
import { makeRescueFile } from "../offline/rescue.js";
import { byId, fill } from "./fill.js";

/** @param {Gandan.Store} store @param {Gandan.Sync} sync */
export function wireRescueCard(store, sync) {
  const card = byId("rescue");
  const make = /** @type {HTMLButtonElement} */ (byId("make-rescue"));
  const share = /** @type {HTMLButtonElement} */ (byId("share-rescue"));
  const save = /** @type {HTMLAnchorElement} */ (byId("save-rescue"));
  let busy = false;
  /** @type {File | null} */
  let shared = null;

  sync.subscribe(({ unsent }) => {
    make.disabled = busy || !unsent;
    const label = unsent
      ? t("Tạo tệp dự phòng ({n} phiếu)", { n: unsent })
      : t("Không còn phiếu nào chưa gửi");
    fill(card, { label });
  });

  make.addEventListener("click", async () => {
    busy = make.disabled = true;
    try {
      const { bytes, name, count } = await makeRescueFile(store);
      if (save.href) URL.revokeObjectURL(save.href);
      save.href = URL.createObjectURL(new File([bytes], name, { type: "application/octet-stream" }));
      save.download = name;
      // Under this name too, for browsers share only endings they know.
      shared = new File([bytes], `${name}.txt`, { type: "text/plain" });
      share.hidden = !navigator.canShare?.({ files: [shared] });
      fill(card, {
        made: t("Đã niêm phong {n} phiếu vào tệp {name}.", { n: count, name }),
        trouble: "",
        action: "",
        has_made: true,
        has_trouble: false,
      });
      await store.note("rescue file", { count });
    } catch (error) {
      const { message, action } = problem(/** @type {any} */ (error)?.code ?? "unavailable");
      fill(card, { trouble: message, action, has_trouble: true });
      if (!(/** @type {any} */ (error)?.code)) throw error;
    } finally {
      busy = false;
      make.disabled = !sync.state().unsent;
    }
  });

  share.addEventListener("click", async () => {
    if (!shared) return;
    try {
      await navigator.share({ files: [shared], title: shared.name });
    } catch (error) {
      if (/** @type {any} */ (error)?.name === "AbortError") return; // thought better of it
      share.hidden = true;
      fill(card, {
        trouble: t("Máy này không chuyển thẳng được tệp sang ứng dụng khác."),
        action: t("Bấm Lưu tệp vào máy rồi gửi tệp đó."),
        has_trouble: true,
      });
    }
  });
}

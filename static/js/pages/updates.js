// A newer version of the app is offered, never forced on an open form.
import { t } from "../messages.js";
import { createUpdates } from "../offline/update.js";
import { toast } from "../ui/toast.js";

/** @param {() => boolean} isBusy a form is open: the update waits */
export function offerUpdates(isBusy) {
  const updates = createUpdates({ isBusy });
  const offer = document.getElementById("update-offer");
  updates.subscribe((waiting) => {
    if (offer) offer.hidden = !waiting;
  });
  document.addEventListener("click", async (event) => {
    const button = /** @type {Element} */ (event.target).closest?.("[data-update], [data-reload]");
    if (!button) return;
    if (button.hasAttribute("data-reload")) {
      if (!isBusy() || button.hasAttribute("data-sure")) return location.reload();
      button.setAttribute("data-sure", "");
      return toast(t("Chép lại điều chưa lưu trước, rồi bấm lần nữa."));
    }
    const found = await updates.seek();
    if (found === "busy") toast(t("Lưu phiếu đang ghi rồi hãy cập nhật."));
    if (found === "none") toast(t("Đây là bản Gần Dân mới nhất lấy được lúc này."));
  });
  const start = () => updates.start().catch(() => {});
  if (document.readyState === "complete") start();
  else addEventListener("load", start, { once: true });
}

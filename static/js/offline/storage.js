// Whether the browser promises to keep the notebook, said plainly.
import { t } from "../messages.js";

const LOW = 20 * 2 ** 20;

/**
 * Ask the browser to keep our data and say what it answered.
 * @param {{manager?: StorageManager, ask?: boolean}} [sources]
 * @returns {Promise<Gandan.StorageAnswer>}
 */
export async function storageAnswer({ manager = globalThis.navigator?.storage, ask = true } = {}) {
  const persisted =
    (await manager
      ?.persisted?.()
      .then((kept) => kept || (ask ? manager.persist() : kept))
      .catch(() => null)) ?? null;
  const { usage = null, quota = null } = (await manager?.estimate?.().catch(() => null)) ?? {};
  const low = usage !== null && quota !== null && quota - usage < LOW;
  const [message, action] = low
    ? [t("Máy sắp hết chỗ."), t("Xóa bớt ảnh, video trên máy.")]
    : persisted
      ? [t("Máy này giữ sổ lâu dài."), ""]
      : [t("Máy này chưa hứa giữ sổ lâu dài."), t("Cài Gần Dân ra màn hình chính và gửi phiếu khi có mạng.")];
  return { persisted, usage, quota, low, message, action };
}

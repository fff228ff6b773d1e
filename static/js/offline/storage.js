// Whether the browser promises to keep the notebook, said plainly.
import { t } from "../messages.js";

const LOW = 20 * 2 ** 20;

/**
 * Ask the browser to keep our data, when something was saved: Firefox puts the question to the person, who knows then what
 * it is about. The answer is not waited for; it may be let lie.
 * @param {StorageManager | undefined} [manager]
 */
export async function askToKeep(manager = globalThis.navigator?.storage) {
  if (!manager?.persist || (await manager.persisted?.().catch(() => true))) return;
  manager.persist().catch(() => {});
}

/**
 * Say what the browser has promised.
 * @param {StorageManager | undefined} [manager]
 * @returns {Promise<Gandan.StorageAnswer>}
 */
export async function storageAnswer(manager = globalThis.navigator?.storage) {
  const persisted = (await manager?.persisted?.().catch(() => null)) ?? null;
  const { usage = null, quota = null } = (await manager?.estimate?.().catch(() => null)) ?? {};
  const low = usage !== null && quota !== null && quota - usage < LOW;
  const [message, action] = low
    ? [t("Máy sắp hết chỗ."), t("Xóa bớt ảnh, video trên máy.")]
    : persisted
      ? [t("Máy này giữ sổ lâu dài."), ""]
      : [t("Máy này chưa hứa giữ sổ lâu dài."), t("Cài Gần Dân ra màn hình chính và gửi phiếu khi có mạng.")];
  return { persisted, usage, quota, low, message, action };
}

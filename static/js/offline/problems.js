// What can go wrong: each in one sentence, with one thing to do and the tap that does it.
import { t } from "../messages.js";

/** @type {Record<string, [message: string, action: string, tap?: Gandan.Tap]>} */
const SAYS = {
  // Sending
  offline: [
    t("Chưa có mạng; phiếu nằm an toàn trên máy này."),
    t("Cứ ghi tiếp, có mạng máy tự gửi."),
    "send",
  ],
  unreachable: [
    t("Có mạng nhưng không tới được máy chủ (wifi cần đăng nhập, hoặc giờ máy sai)."),
    t("Kiểm tra wifi và giờ của máy rồi bấm Gửi ngay."),
    "send",
  ],
  clock: [
    t("Giờ của máy có vẻ sai nên không tới được máy chủ."),
    t("Bật đặt giờ tự động trong Cài đặt của máy rồi bấm Gửi ngay."),
    "send",
  ],
  captive_portal: [
    t("Mạng này chưa cho đi tiếp: wifi cần đăng nhập."),
    t("Đăng nhập wifi hoặc chuyển sang mạng di động rồi bấm Gửi ngay."),
    "send",
  ],
  sign_in_required: [
    t("Phiên đăng nhập đã hết; vẫn ghi được phiếu."),
    t("Đăng nhập lại để gửi phiếu."),
    "sign_in",
  ],
  account_locked: [
    t("Tài khoản của đồng chí đã bị khóa nên máy dừng gửi."),
    t("Liên hệ người quản trị của xã; gấp thì tạo tệp dự phòng ở Máy này, nhờ đồng nghiệp nộp."),
    "device",
  ],
  wrong_person: [
    t("Trình duyệt đang đăng nhập tên người khác nên máy dừng gửi."),
    t("Đăng nhập lại đúng tên mình."),
    "sign_in",
  ],
  cross_site: [t("Máy chủ chưa nhận vì trang mở từ địa chỉ khác."), t("Bấm Mở lại trang."), "reload"],
  upgrade_required: [
    t("Bản Gần Dân trên máy đã cũ nên chưa gửi được."),
    t("Bấm Cập nhật ứng dụng."),
    "update",
  ],
  server_too_old: [
    t("Máy chủ chưa theo kịp bản Gần Dân trên máy; phiếu vẫn còn trên máy."),
    t("Bấm Cập nhật ứng dụng; chưa được thì máy sẽ tự gửi lại sau."),
    "update",
  ],
  too_large: [
    t("Có phiếu quá dài nên máy chủ chưa nhận; phiếu vẫn còn trên máy."),
    t("Mở Máy này, bấm Chép nhật ký rồi gửi người hỗ trợ."),
    "device",
  ],
  unreadable_request: [
    t("Có phiếu máy chủ chưa đọc được; phiếu vẫn còn trên máy."),
    t("Bấm Cập nhật ứng dụng rồi bấm Gửi ngay."),
    "update",
  ],
  record_waiting: [
    t("Có phiếu máy chủ chưa nhận; phiếu vẫn còn trên máy."),
    t("Bấm Gửi ngay để thử lại."),
    "send",
  ],
  overloaded: [t("Máy chủ đang bận."), t("Cứ để đó, máy sẽ tự gửi lại.")],
  server_error: [
    t("Máy chủ đang có lỗi; phiếu vẫn còn trên máy."),
    t("Cứ để đó, máy sẽ tự gửi lại; cần ngay thì bấm Gửi ngay."),
    "send",
  ],
  revoked_device: [
    t("Máy này đã bị thu hồi; phiếu gửi lên được giữ chờ người quản trị."),
    t("Liên hệ người quản trị của xã."),
    "device",
  ],
  quarantine_full: [
    t("Máy này đã bị thu hồi và máy chủ chỉ giữ thêm đến chừng ấy; phiếu còn lại vẫn ở trên máy."),
    t("Giữ máy, tạo tệp dự phòng rồi liên hệ người quản trị của xã."),
    "device",
  ],
  insecure: [
    t("Trang này mở không an toàn nên chưa gửi được."),
    t("Mở lại bằng địa chỉ bắt đầu bằng https."),
  ],
  // Keeping
  quota: [t("Máy hết chỗ nên chưa lưu được."), t("Xóa bớt ảnh, video trong máy rồi thử lại."), "device"],
  blocked: [
    t("Gần Dân bản cũ còn mở ở cửa sổ khác."),
    t("Đóng các cửa sổ Gần Dân khác rồi bấm Mở lại trang."),
    "reload",
  ],
  newer: [t("Máy này đã có bản Gần Dân mới hơn."), t("Bấm Mở lại trang."), "reload"],
  unavailable: [
    t("Trình duyệt chưa mở được sổ trên máy."),
    t("Chép lại điều đang ghi, đóng rồi mở lại ứng dụng."),
    "reload",
  ],
  no_rescue_key: [
    t("Máy này chưa nhận được khóa niêm phong nên chưa tạo được tệp dự phòng."),
    t("Giữ máy này, đừng xóa ứng dụng; có mạng thì mở Gần Dân rồi bấm Tạo tệp dự phòng."),
  ],
  photo_refused: [
    t("Có ảnh máy chủ chưa nhận; ảnh vẫn còn trên máy."),
    t("Bấm Gửi ngay để thử lại."),
    "send",
  ],
  photo_missing: [
    t("Có ảnh không còn trên máy này nên không gửi được nữa."),
    t("Mở Máy này rồi bấm Bỏ ảnh đã mất."),
    "device",
  ],
  photos_waiting: [
    t("Máy chủ đã giữ quá nhiều ảnh mà phiếu của chúng chưa nhận vào sổ được; ảnh còn lại vẫn ở trên máy."),
    t("Sửa các phiếu đang chờ rà soát rồi bấm Gửi ngay."),
    "send",
  ],
  unreadable_photo: [t("Không đọc được ảnh này."), t("Chụp lại hoặc chọn ảnh khác.")],
  // Leaving
  unsent_photos: [t("Còn ảnh chưa gửi nên chưa đăng xuất được."), t("Bấm Gửi ngay rồi đăng xuất."), "send"],
  unsent: [t("Còn phiếu chưa gửi nên chưa đăng xuất được."), t("Bấm Gửi ngay rồi đăng xuất."), "send"],
  drafts: [
    t("Còn phiếu đang ghi dở nên chưa đăng xuất được."),
    t("Mở phiếu đó rồi bấm Chốt phiếu hoặc Bỏ phiếu ghi dở."),
  ],
  sign_out: [
    t("Chưa báo được máy chủ nên chưa đăng xuất được."),
    t("Kiểm tra mạng rồi bấm Đăng xuất lần nữa."),
  ],
};

export const CODES = Object.keys(SAYS);

/** @param {string} code */
export const isKnown = (code) => Object.hasOwn(SAYS, code);

/** @param {string} code @returns {Gandan.Problem} */
export function problem(code) {
  const [message, action, tap = null] = /** @type {[string, string, Gandan.Tap?]} */ (
    SAYS[isKnown(code) ? code : "server_error"]
  );
  return { code, message, action, tap };
}

"""The catalogue of expected failures: a stable code, one Vietnamese sentence, one thing to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from webapp.fields import N_

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class Failure(NamedTuple):
    """One expected failure."""

    status: int
    message: str
    action: str


CATALOGUE: dict[str, Failure] = {
    "bad_request": Failure(400, N_("Yêu cầu này không đọc được."), N_("Quay lại trang trước và thử lại.")),
    "unreadable_request": Failure(
        400,
        N_("Máy chủ không đọc được gói tin vừa gửi."),
        N_("Phiếu vẫn ở trên máy; cập nhật ứng dụng rồi gửi lại."),
    ),
    "sign_in_required": Failure(401, N_("Phiên đăng nhập đã hết."), N_("Đăng nhập lại để tiếp tục.")),
    "account_locked": Failure(
        401,
        N_("Tài khoản của đồng chí đã bị khóa."),
        N_("Liên hệ người quản trị của xã; phiếu chưa gửi vẫn ở trên máy."),
    ),
    "forbidden": Failure(403, N_("Đồng chí chưa được giao việc này."), N_("Hỏi người quản trị nếu cần.")),
    "cross_site": Failure(403, N_("Yêu cầu đến từ một trang khác."), N_("Mở lại Gần Dân và thử lại.")),
    "stale_form": Failure(403, N_("Trang đã mở quá lâu."), N_("Tải lại trang rồi gửi lại.")),
    "wrong_person": Failure(
        403, N_("Máy này đang đăng nhập bằng tên người khác."), N_("Đăng nhập đúng tên mình rồi gửi.")
    ),
    "revoked_device": Failure(403, N_("Máy này đã bị thu hồi."), N_("Liên hệ người quản trị của xã.")),
    "not_found": Failure(404, N_("Không tìm thấy trang này."), N_("Về trang đầu.")),
    "method_not_allowed": Failure(405, N_("Không mở được trang theo cách này."), N_("Về trang đầu.")),
    "already_decided": Failure(
        409, N_("Bản này đã có người rà soát hoặc đã có bản mới hơn."), N_("Tải lại trang để xem.")
    ),
    "petition_moved_on": Failure(
        409, N_("Kiến nghị này đã sang bước khác."), N_("Tải lại trang để xem bước hiện tại.")
    ),
    "cannot_release": Failure(
        409, N_("Bản này chưa nhận vào sổ được."), N_("Người ghi cần sửa và gửi lại từ máy của mình.")
    ),
    "upgrade_required": Failure(
        409, N_("Ứng dụng trên máy đã quá cũ."), N_("Mở lại ứng dụng khi có mạng để cập nhật.")
    ),
    "server_too_old": Failure(
        409,
        N_("Máy chủ chưa được cập nhật cho ứng dụng này."),
        N_("Phiếu vẫn ở trên máy; máy sẽ tự gửi lại sau."),
    ),
    "wrong_offset": Failure(
        409, N_("Máy chủ đã có một phần khác của ảnh."), N_("Máy sẽ tự gửi tiếp phần còn thiếu.")
    ),
    "wrong_content": Failure(
        422, N_("Ảnh đến nơi không còn nguyên vẹn."), N_("Ảnh vẫn ở trên máy; máy sẽ tự gửi lại.")
    ),
    "photos_waiting": Failure(
        413,
        N_("Máy chủ đã giữ quá nhiều ảnh mà phiếu của chúng chưa nhận vào sổ được."),
        N_("Ảnh vẫn ở trên máy; sửa các phiếu đang chờ, máy sẽ tự gửi tiếp."),
    ),
    "too_large": Failure(413, N_("Gói gửi quá lớn."), N_("Máy sẽ chia nhỏ và gửi lại.")),
    "rescue_missing": Failure(
        400, N_("Chưa chọn tệp dự phòng."), N_("Chọn tệp có đuôi .gandan rồi bấm Nộp tệp.")
    ),
    "rescue_unreadable": Failure(
        400,
        N_("Đây không phải tệp dự phòng của Gần Dân, hoặc tệp bị thiếu một phần."),
        N_("Chọn lại tệp, hoặc nhờ người gửi chuyển lại nguyên tệp."),
    ),
    "rescue_foreign": Failure(
        400,
        N_("Tệp dự phòng này niêm phong cho máy chủ khác nên ở đây không mở được."),
        N_("Nộp tệp ở đúng địa chỉ Gần Dân mà người ghi vẫn dùng."),
    ),
    "rescue_damaged": Failure(
        400,
        N_("Tệp dự phòng đã bị sửa hoặc bị hỏng trên đường chuyển."),
        N_("Nhờ người gửi chuyển lại tệp, hoặc tạo tệp mới trên máy của người ghi."),
    ),
    "rescue_too_large": Failure(
        413,
        N_("Tệp này quá lớn nên không phải tệp dự phòng."),
        N_("Chọn lại tệp có đuôi .gandan, dưới 4 MB."),
    ),
    "sheet_missing": Failure(
        400, N_("Chưa chọn bảng tính."), N_("Chọn tệp .xlsx hoặc .csv rồi bấm Tải lên.")
    ),
    "sheet_unreadable": Failure(
        400,
        N_("Tệp này không đọc được như một bảng tính."),
        N_("Mở bằng Excel hoặc LibreOffice, lưu lại thành .xlsx rồi tải lên."),
    ),
    "sheet_old_format": Failure(
        400,
        N_("Tệp kiểu cũ (.xls, .ods) hoặc có mật khẩu thì không đọc được."),
        N_("Bỏ mật khẩu, chọn Lưu thành kiểu Excel (.xlsx), rồi tải lên."),
    ),
    "sheet_too_large": Failure(
        413,
        N_("Bảng tính này quá lớn."),
        N_("Bỏ hình ảnh và trang không cần, hoặc chia thành nhiều tệp dưới 4 MB."),
    ),
    "sheet_too_many_rows": Failure(
        413,
        N_("Bảng tính này có quá nhiều dòng hoặc quá nhiều trang."),
        N_("Xóa dòng trống bên dưới, hoặc chia thành nhiều tệp dưới 8.000 dòng."),
    ),
    "sheet_empty": Failure(
        400, N_("Bảng tính này không có dòng nào."), N_("Chọn đúng tệp, hoặc hiện trang đang ẩn.")
    ),
    "sheet_no_columns": Failure(
        400,
        N_("Chưa nhận ra cột nào trong tệp này."),
        N_("Dùng tệp mẫu, hoặc chọn nội dung và dòng tiêu đề của trang."),
    ),
    "sheet_busy": Failure(
        409, N_("Tệp này đang được xử lý hoặc đã xong."), N_("Mở lại trang của tệp để xem.")
    ),
    "sheet_changed": Failure(
        409,
        N_("Dữ liệu đã đổi từ lúc xem thử; chưa có gì được ghi."),
        N_("Xem thử lại rồi mới nhập."),
    ),
    "sheet_failed": Failure(
        500,
        N_("Máy chủ không xử lý xong tệp này; chưa có gì được ghi."),
        N_("Thử lại; nếu vẫn vậy, báo người quản trị máy chủ."),
    ),
    "overloaded": Failure(503, N_("Máy chủ đang bận."), N_("Chờ một lát, máy sẽ tự gửi lại.")),
    "internal": Failure(500, N_("Máy chủ gặp lỗi."), N_("Dữ liệu đã gửi không mất; thử lại sau ít phút.")),
}

_BY_STATUS = {
    400: "bad_request", 401: "sign_in_required", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    413: "too_large", 429: "overloaded", 503: "overloaded",
}  # fmt: skip


BESIDE = {
    "HX-Retarget": "#toasts",
    "HX-Reswap": "innerHTML",
    "HX-Reselect": "[data-toast]",
    "HX-Push-Url": "false",
}
"""Where htmx shows a failure: beside the page, of which nothing that was typed may be lost."""


class Problem(Exception):  # noqa: N818 - it is a problem, not a bug
    """An expected failure, raised anywhere and answered in one place."""

    def __init__(
        self, code: str, *, retry_after: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Take a code of `CATALOGUE`; `retry_after` is in seconds, `headers` go with the answer."""
        super().__init__(code)
        self.code = code
        self.failure = CATALOGUE[code]
        self.retry_after = retry_after
        self.headers = headers or {}


def register(app: Flask) -> None:
    """Answer every failure through the catalogue: JSON to programs, a page to people."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(CSRFError, lambda _: answer(Problem("stale_form")))
    app.register_error_handler(HTTPException, _answer_http)


def _answer_http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:  # noqa: PLR2004 - redirects raised as exceptions pass through
        return error.get_response()
    code = _BY_STATUS.get(error.code, "internal" if error.code >= 500 else "bad_request")  # noqa: PLR2004
    problem = Problem(code)
    problem.failure = problem.failure._replace(status=error.code)
    return answer(problem)


def answer(problem: Problem) -> Response:
    """Answer a failure through the catalogue; error handlers return this, for what they raise nobody handles."""
    in_place = "HX-Request" in request.headers
    if (
        problem.code == "sign_in_required"
        and request.method == "GET"
        and not in_place
        and not request.path.startswith("/sync/")
    ):
        return cast("Response", redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?"))))
    failure = problem.failure
    message, action = gettext(failure.message), gettext(failure.action)
    if request.path.startswith("/sync/"):
        response = jsonify(error={"code": problem.code, "message": message, "action": action})
    elif in_place:
        response = make_response(render_template("_failure.html", message=message, action=action))
        response.headers.extend(BESIDE)
    else:
        response = make_response(
            render_template("error.html", code=problem.code, message=message, action=action)
        )
    response.status_code = failure.status
    response.headers["Cache-Control"] = "no-store"
    response.headers.extend(problem.headers)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response

"""The catalogue of what can be wrong with a row: a stable code, one Vietnamese sentence, one thing to do."""

from __future__ import annotations

from typing import Final, NamedTuple

from webapp.fields import N_


class Wrong(NamedTuple):
    """One thing that can be wrong; both texts are messages with the same named values."""

    message: str
    action: str


class Fault(Exception):  # noqa: N818 - an answer about a row, not a bug
    """A row that is refused, and why."""

    def __init__(self, code: str, /, **said: object) -> None:
        """Take a code of `FAULTS` and the values its texts name."""
        super().__init__(code)
        self.code = code
        self.said = {name: str(value) for name, value in said.items()}


FAULTS: Final[dict[str, Wrong]] = {
    # A cell
    "missing": Wrong(N_("Ô “%(field)s” còn trống."), N_("Điền vào ô ấy.")),
    "error_value": Wrong(
        N_("Ô “%(field)s” báo lỗi %(value)s."), N_("Sửa công thức trong bảng tính, hoặc gõ thẳng giá trị.")
    ),
    "too_long": Wrong(N_("Ô “%(field)s” dài quá %(most)s chữ."), N_("Rút gọn lại.")),
    "old_font": Wrong(
        N_("“%(value)s” gõ bằng phông chữ cũ (TCVN3 hoặc VNI)."),
        N_("Chuyển tệp sang Unicode, chẳng hạn bằng Unikey, rồi nộp lại."),
    ),
    "broken_text": Wrong(
        N_("“%(value)s” có chữ bị hỏng."), N_("Gõ lại ô này; với CSV thì lưu lại kiểu “CSV UTF-8”.")
    ),
    "date_unreadable": Wrong(
        N_("“%(value)s” không phải ngày."), N_("Ghi ngày theo kiểu 01/07/2025 (ngày/tháng/năm).")
    ),
    "date_month_first": Wrong(
        N_("“%(value)s” ghi tháng trước ngày."), N_("Ghi lại theo kiểu ngày/tháng/năm: %(better)s.")
    ),
    "date_not_there": Wrong(N_("“%(value)s” là ngày không có trong lịch."), N_("Xem lại ngày và tháng.")),
    "date_only_year": Wrong(
        N_("“%(value)s” mới có năm hoặc tháng."), N_("Ghi đủ ngày/tháng/năm, ví dụ 01/01/2022.")
    ),
    "date_far": Wrong(N_("Năm trong “%(value)s” không thể đúng."), N_("Xem lại năm.")),
    "date_future": Wrong(N_("Ngày %(value)s chưa tới."), N_("Nhập khi đã đến ngày ấy, hoặc sửa ngày.")),
    "phone_length": Wrong(
        N_("“%(value)s” không đủ hoặc thừa chữ số."), N_("Ghi đủ 10 chữ số, ví dụ 0912 345 678.")
    ),
    "phone_old": Wrong(
        N_("“%(value)s” là số 11 chữ số đã đổi đầu từ năm 2018."), N_("Ghi số mới có 10 chữ số.")
    ),
    "phone_two": Wrong(N_("Ô này có hai số điện thoại: “%(value)s”."), N_("Giữ lại một số.")),
    "phone_rounded": Wrong(
        N_("Bảng tính đã làm tròn số điện thoại thành “%(value)s”."),
        N_("Đặt cột này kiểu Văn bản (Text) rồi gõ lại số."),
    ),
    "phone_letters": Wrong(N_("“%(value)s” không phải số điện thoại."), N_("Chỉ ghi chữ số.")),
    "number_unreadable": Wrong(N_("“%(value)s” không phải một số."), N_("Ghi một số nguyên, ví dụ 29.")),
    "number_fraction": Wrong(N_("Số hộ “%(value)s” không phải số nguyên."), N_("Ghi số nguyên.")),
    "households_none": Wrong(
        N_("Số hộ là %(value)s."),
        N_("Nếu tổ không còn, kết thúc tổ ở trang Địa bàn; nếu còn, ghi số hộ thật."),
    ),
    "households_many": Wrong(
        N_("%(value)s hộ là quá nhiều cho một tổ."), N_("Xem lại: có thể là số khẩu, hoặc số của cả ấp.")
    ),
    # A place
    "unit_missing": Wrong(N_("Dòng này không nói đến đơn vị nào."), N_("Điền tên đơn vị, hoặc bỏ dòng này.")),
    "unit_unknown": Wrong(
        N_("Chưa có “%(name)s”."),
        N_("Xem lại cách viết; nếu là đơn vị mới, thêm một dòng cho đơn vị ấy vào bảng đơn vị."),
    ),
    "unit_unknown_there": Wrong(
        N_("Ở %(above)s chưa có “%(name)s”."),
        N_("Xem lại cách viết; nếu là đơn vị mới, thêm một dòng cho đơn vị ấy vào bảng đơn vị."),
    ),
    "unit_nearly": Wrong(
        N_("Không có “%(name)s”, nhưng có “%(known)s”."), N_("Nếu là nơi ấy, ghi đúng “%(known)s”.")
    ),
    "unit_other_type": Wrong(
        N_("Không có “%(name)s”, nhưng có “%(known)s”: khác loại đơn vị."),
        N_("Ghi đúng loại; nếu đơn vị đã đổi loại, đổi ở trang Địa bàn trước."),
    ),
    "unit_ambiguous": Wrong(
        N_("Có %(n)s nơi tên “%(name)s”: %(places)s."), N_("Ghi thêm đơn vị cấp trên vào cột của cấp ấy.")
    ),
    "unit_outside": Wrong(
        N_("“%(name)s” ở ngoài địa bàn đồng chí quản trị."),
        N_("Bỏ dòng này, hoặc gửi người quản trị nơi ấy."),
    ),
    "unit_refused": Wrong(
        N_("Có dòng lập “%(name)s” nhưng dòng ấy chưa nhận được."), N_("Sửa dòng %(row)s trước.")
    ),
    "unit_ended": Wrong(
        N_("“%(name)s” đã kết thúc ngày %(day)s."), N_("Bỏ dòng này; nếu lập lại thật, lập ở trang Địa bàn.")
    ),
    "unit_type_missing": Wrong(
        N_("Không rõ “%(name)s” là loại đơn vị nào."), N_("Ghi kèm loại trước tên: %(types)s.")
    ),
    "unit_type_unknown": Wrong(N_("Không có loại đơn vị “%(value)s”."), N_("Ghi một trong: %(types)s.")),
    "unit_type_contradicts": Wrong(
        N_("Tên “%(name)s” và loại “%(value)s” không khớp nhau."), N_("Sửa tên hoặc loại cho khớp.")
    ),
    "unit_misplaced": Wrong(
        N_("%(kind)s không đặt dưới “%(above)s” được."), N_("Ghi đơn vị cấp trên đúng cấp.")
    ),
    "unit_without_parent": Wrong(
        N_("Không rõ “%(name)s” thuộc đơn vị nào."), N_("Ghi đơn vị cấp trên vào cột của cấp ấy.")
    ),
    "unit_before_parent": Wrong(
        N_("“%(above)s” mới có từ ngày %(day)s."), N_("Ghi ngày lập không trước ngày ấy.")
    ),
    "unit_twice": Wrong(N_("Đơn vị này đã có ở dòng %(row)s."), N_("Bỏ một trong hai dòng.")),
    "code_taken": Wrong(
        N_("Mã %(code)s đang là của “%(known)s”."),
        N_("Sửa mã; mã cũ cấp lại cho nơi khác thì đổi ở trang Địa bàn."),
    ),
    "code_contradicts": Wrong(
        N_("Mã trong hệ thống của nơi này là %(known)s, không phải %(code)s."),
        N_("Xem lại tên và mã; nếu mã đã đổi, đổi ở trang Địa bàn."),
    ),
    "not_a_group": Wrong(
        N_("“%(name)s” không phải nơi họp tổ nên không ghi số hộ riêng."),
        N_("Ghi số hộ ở từng tổ; bỏ dòng này."),
    ),
    "before_unit": Wrong(N_("Đơn vị này mới có từ ngày %(day)s."), N_("Ghi ngày không trước ngày ấy.")),
    "count_twice": Wrong(
        N_("Số hộ của nơi này vào ngày ấy đã có ở dòng %(row)s."), N_("Bỏ một trong hai dòng.")
    ),
    "count_refused": Wrong("", N_("Sửa dòng này; số hộ cũ xem ở trang Địa bàn.")),
    # A person
    "name_not_one": Wrong(
        N_("“%(value)s” không phải tên một người."), N_("Ghi họ và tên một người, không kèm số.")
    ),
    "person_without_id": Wrong(
        N_("Không có mã cán bộ, cũng không có số điện thoại."),
        N_("Thêm một trong hai: tên không đủ để nhận ra người."),
    ),
    "person_unknown": Wrong(
        N_("Chưa có người nào như vậy: %(said)s."), N_("Xem lại, hoặc thêm người ấy vào bảng con người.")
    ),
    "person_ambiguous": Wrong(
        N_("Có %(n)s người tên “%(name)s”."), N_("Ghi thêm mã cán bộ hoặc số điện thoại.")
    ),
    "person_outside": Wrong(
        N_("Mã hoặc số điện thoại này đã có người dùng ở ngoài địa bàn đồng chí quản trị."),
        N_("Xem lại mã và số; nếu đúng, hỏi người quản trị cấp trên."),
    ),
    "person_two": Wrong(
        N_("Mã %(code)s và số %(phone)s đang là của hai người khác nhau."), N_("Sửa mã hoặc số điện thoại.")
    ),
    "person_other_name": Wrong(
        N_("%(said)s đang là của %(known)s, không phải %(name)s."),
        N_("Là người khác thì sửa mã hoặc số; người ấy đổi tên thì sửa ở trang Con người."),
    ),
    "person_known": Wrong(
        N_("Đã có %(name)s (mã %(code)s) ở cùng đơn vị."),
        N_("Là người ấy thì ghi mã %(code)s; là người khác thì ghi mã cán bộ riêng."),
    ),
    "person_twice": Wrong(
        N_("Mã hoặc số điện thoại này đã có ở dòng %(row)s."), N_("Mỗi người một dòng, một mã, một số.")
    ),
    "person_refused": Wrong(
        N_("Người này có dòng trong bảng con người nhưng dòng ấy chưa nhận được."),
        N_("Sửa dòng %(row)s trước."),
    ),
    "kind_unknown": Wrong(N_("Không có diện “%(value)s”."), N_("Ghi một trong: %(kinds)s.")),
    "home_missing": Wrong(N_("Không rõ người này thuộc đơn vị nào."), N_("Điền cột đơn vị công tác.")),
    "home_is_group": Wrong(
        N_("“%(name)s” là tổ, không phải đơn vị công tác."),
        N_("Ghi xã hoặc ấp; việc phụ trách tổ ghi ở bảng phân công."),
    ),
    # An assignment
    "role_unknown": Wrong(N_("Không có vai trò “%(value)s”."), N_("Ghi một trong: %(roles)s.")),
    "role_too_high": Wrong(
        N_("Quyền quản trị không giao bằng bảng tính."), N_("Giao ở màn hình, từng người một; bỏ dòng này.")
    ),
    "primary_unreadable": Wrong(N_("“%(value)s” không nói rõ chính hay phụ."), N_("Ghi “Chính” hoặc “Phụ”.")),
    "dates_crossed": Wrong(N_("Ngày kết thúc %(to)s trước ngày bắt đầu %(from)s."), N_("Xem lại hai ngày.")),
    "assignment_twice": Wrong(N_("Phân công này đã có ở dòng %(row)s."), N_("Bỏ một trong hai dòng.")),
    "assignment_other_day": Wrong(
        N_("Người này đã giữ vai trò ấy ở đây từ ngày %(known)s, không phải %(value)s."),
        N_("Ghi đúng ngày ấy; nếu phân công cũ đã hết, kết thúc phân công cũ trước."),
    ),
    "assignment_other_end": Wrong(
        N_("Phân công này đang có, với ngày kết thúc khác."),
        N_("Kết thúc hoặc gia hạn ở trang Phân công; bỏ dòng này."),
    ),
    "assignment_other_way": Wrong(
        N_("Người này đang giữ việc ấy, nhưng chính và phụ khác với dòng này."),
        N_("Đổi giữa chính và phụ ở trang Phân công; ở đây ghi như đang có."),
    ),
    "assignment_refused": Wrong("", N_("Sửa dòng này, hoặc làm ở trang Phân công.")),
}

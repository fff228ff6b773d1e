"""The rules for petitions an installation starts with. They are rows afterwards, each with its basis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from webapp.petitions.records import Level, Topic

SINCE: Final = date(2000, 1, 1)
BASIS: Final = "Mặc định của phần mềm, chờ quy chế của địa phương"
NOTICE: Final = (
    "Quy định 11-QĐi/TW: trả lời việc tiếp nhận trong 10 ngày làm việc; mặc định chờ quy chế của địa phương"
)


WORDS: Final[Mapping[Topic, str]] = {
    Topic.ROADS: "đường hỏng, ổ gà, cầu hư, lầy lội, bê tông, sạt lề, biển báo",
    Topic.DRAINAGE: "cống nghẹt, ngập nước, nước đọng, mương, nắp cống, thoát nước",
    Topic.LIGHTING: "đèn đường, cúp điện, dây điện, trụ điện, bóng đèn, chiếu sáng, điện yếu",
    Topic.CLEAN_WATER: "nước sạch, nước máy, nước đục, ống nước, nước yếu, nước sinh hoạt",
    Topic.DROUGHT_SALINITY: "nước mặn, độ mặn, hạn, khô hạn, thiếu nước ngọt, nhiễm mặn",
    Topic.IRRIGATION: "kênh, đê bao, cống ngăn, bờ bao, nạo vét kênh, tưới, thủy lợi",
    Topic.DISASTER: "sạt lở, bão, lốc, triều cường, lũ, tốc mái, thiên tai",
    Topic.ENVIRONMENT: "rác, mùi hôi, ô nhiễm, khói, xả thải, nước thải, chăn nuôi gây mùi, thu gom rác",
    Topic.PRODUCTION: "giá lúa, giá dừa, phân bón, cây giống, việc làm, vay vốn, sâu bệnh, dịch heo",
    Topic.LAND_COMPENSATION: "đất đai, sổ đỏ, giải tỏa, bồi thường, thu hồi đất, quy hoạch",
    Topic.WELFARE: "hộ nghèo, bảo hiểm, trợ cấp, người già, chính sách, hưu trí, xây nhà, thẻ bảo hiểm",
    Topic.HEALTH: "trạm y tế, sốt xuất huyết, dịch bệnh, tiêm ngừa, khám bệnh, thuốc, muỗi",
    Topic.EDUCATION: "trường học, học phí, học sinh, lớp học, mẫu giáo, nhà trẻ",
    Topic.PROCEDURES: "giấy tờ, thủ tục, căn cước, khai sinh, chứng thực, hộ khẩu, dịch vụ công, chờ lâu",
    Topic.LEGAL_EDUCATION: "phổ biến pháp luật, hỏi luật, tư vấn pháp luật",
    Topic.PUBLIC_ORDER: "ồn ào, karaoke, loa kéo, đua xe, chó thả rông, lấn chiếm lòng đường, họp chợ",
    Topic.GROUP_ACTIVITY: "họp tổ, tổ trưởng, quỹ tổ, nhà sinh hoạt, giờ họp",
    Topic.CULTURE: "nông thôn mới, nhà văn hóa, sân bóng, lễ hội, gia đình văn hóa, thể thao",
}
"""What people call such matters, as they say it: by these words the phone finds the category, without a network."""


class Category(NamedTuple):
    """One row of `PetitionCategory`."""

    topic: Topic
    level: Level
    routing: str
    answer_days: int = 10
    must_report: bool = False

    @property
    def basis(self) -> str:
        """Return what the number of days rests on."""
        return NOTICE if self.answer_days == NOTICE_DAYS else BASIS


NOTICE_DAYS: Final = 10
_T, _L = Topic, Level
CATEGORIES: Final = (
    Category(_T.ROADS, _L.LOCAL, "Bộ phận kinh tế, hạ tầng xã"),
    Category(_T.DRAINAGE, _L.LOCAL, "Bộ phận kinh tế, hạ tầng xã"),
    Category(_T.LIGHTING, _L.LOCAL, "Đơn vị quản lý điện"),
    Category(_T.CLEAN_WATER, _L.UPPER, "Đơn vị cấp nước"),
    Category(_T.DROUGHT_SALINITY, _L.UPPER, "Cơ quan nông nghiệp và môi trường", 5, must_report=True),
    Category(_T.IRRIGATION, _L.UPPER, "Cơ quan nông nghiệp và môi trường"),
    Category(_T.DISASTER, _L.UPPER, "Ban chỉ huy phòng thủ dân sự", 2, must_report=True),
    Category(_T.ENVIRONMENT, _L.LOCAL, "Cơ quan nông nghiệp và môi trường"),
    Category(_T.PRODUCTION, _L.LOCAL, "Bộ phận kinh tế xã"),
    Category(_T.LAND_COMPENSATION, _L.UPPER, "Cơ quan quản lý đất đai", 20, must_report=True),
    Category(_T.WELFARE, _L.LOCAL, "Bộ phận văn hóa, xã hội xã"),
    Category(_T.HEALTH, _L.LOCAL, "Trạm y tế xã", 5, must_report=True),
    Category(_T.EDUCATION, _L.LOCAL, "Bộ phận văn hóa, xã hội xã"),
    Category(_T.PROCEDURES, _L.LOCAL, "Trung tâm phục vụ hành chính công xã", 5),
    Category(_T.LEGAL_EDUCATION, _L.LOCAL, "Bộ phận tư pháp xã"),
    Category(_T.PUBLIC_ORDER, _L.LOCAL, "Công an xã", 5, must_report=True),
    Category(_T.GROUP_ACTIVITY, _L.NEAREST, "Ấp, khu phố"),
    Category(_T.CULTURE, _L.LOCAL, "Bộ phận văn hóa, xã hội xã"),
    Category(_T.OTHER, _L.LOCAL, "Văn phòng xã"),
)
TRIAGE, FEEDBACK = "triage", "feedback"
TIMES: Final = ((TRIAGE, 3, BASIS), (FEEDBACK, 22, "Kỳ họp tổ kế tiếp: một tháng"))
"""Step, working days, basis."""

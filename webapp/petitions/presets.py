"""The rules for petitions an installation starts with. They are rows afterwards, each with its basis."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from webapp.petitions.records import Level, Topic

SINCE: Final = date(2000, 1, 1)
BASIS: Final = "Mặc định của phần mềm, chờ quy chế của địa phương"
NOTICE: Final = (
    "Quy định 11-QĐi/TW: trả lời việc tiếp nhận trong 10 ngày làm việc; mặc định chờ quy chế của địa phương"
)


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

"""What a petition says when it is raised: the one definition of its fields (see `webapp.fields`)."""

from __future__ import annotations

from uuid import UUID

from webapp.fields import N_, Choice, Line, OptionalNumber, Record, ask


class Topic(Choice):
    """What a petition or an opinion is about."""

    ROADS = "roads", N_("Giao thông")
    DRAINAGE = "drainage", N_("Thoát nước")
    LIGHTING = "lighting", N_("Điện, chiếu sáng")
    CLEAN_WATER = "clean_water", N_("Nước sạch")
    DROUGHT_SALINITY = "drought_salinity", N_("Hạn, mặn")
    IRRIGATION = "irrigation", N_("Thủy lợi, đê bao")
    DISASTER = "disaster", N_("Thiên tai, sạt lở")
    ENVIRONMENT = "environment", N_("Môi trường, rác")
    PRODUCTION = "production", N_("Sản xuất, giá cả, việc làm")
    LAND_COMPENSATION = "land_compensation", N_("Đất đai, bồi thường")
    WELFARE = "welfare", N_("An sinh, bảo hiểm")
    HEALTH = "health", N_("Y tế")
    EDUCATION = "education", N_("Giáo dục")
    PROCEDURES = "procedures", N_("Thủ tục, giấy tờ")
    LEGAL_EDUCATION = "legal_education", N_("Phổ biến pháp luật")
    PUBLIC_ORDER = "public_order", N_("Trật tự chung")
    GROUP_ACTIVITY = "group_activity", N_("Hoạt động của tổ")
    CULTURE = "culture", N_("Văn hóa, nông thôn mới")
    OTHER = "other", N_("Việc khác")


class Urgency(Choice):
    """How soon an answer is needed."""

    NORMAL = "normal", N_("Thường")
    SOON = "soon", N_("Cần sớm")
    URGENT = "urgent", N_("Khẩn")


class Level(Choice):
    """Which tier the author thinks can settle it: advice for triage, not a unit (places are data)."""

    NEAREST = "nearest", N_("Ấp, khu phố")
    LOCAL = "local", N_("Xã, phường")
    UPPER = "upper", N_("Huyện")
    TOP = "top", N_("Tỉnh")


class Petition(Record):
    """A petition's body: one revision of what the group asks for."""

    unit_id: UUID
    meeting_id: UUID | None = None
    title: Line = ask(
        N_("Bà con kiến nghị gì?"), min_length=3, max_length=200, multiline=True,
        hint=N_("Việc gì, ở đâu. Không ghi tên người, tên hộ."),
    )  # fmt: skip
    category: Topic = ask(N_("Lĩnh vực"))
    urgency: Urgency = ask(N_("Mức độ khẩn"), Urgency.NORMAL, as_pills=True)
    people_affected: OptionalNumber = ask(N_("Khoảng bao nhiêu người bị ảnh hưởng"), None, ge=1, le=100_000)
    proposed_solution: Line = ask(N_("Đề xuất hướng giải quyết"), "", max_length=500, multiline=True)
    level: Level = ask(N_("Cấp giải quyết"), Level.LOCAL, as_pills=True)


class PetitionWithdrawal(Record):
    """An author's word that a petition was a mistake."""

    reason: Line = ask(N_("Vì sao rút lại?"), min_length=3, max_length=300, multiline=True)

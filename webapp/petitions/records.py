"""What a petition says when it is raised, and each step after it: the one definition of their fields."""

from __future__ import annotations

from uuid import UUID

from webapp.fields import N_, Choice, Day, Line, OptionalNumber, Record, ask

SHORTEST_REASON = 3


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


class Channel(Choice):
    """Where a matter belongs that is no petition: it is sent there and counted, never described."""

    COMPLAINT = "complaint", N_("Khiếu nại")
    DENUNCIATION = "denunciation", N_("Tố cáo")
    CRIME = "crime", N_("Tố giác tội phạm, an ninh trật tự")
    LAND_DISPUTE = "land_dispute", N_("Tranh chấp đất đai")
    DISPUTE = "dispute", N_("Mâu thuẫn, tranh chấp dân sự")
    VIOLENCE = "violence", N_("Bạo lực gia đình, xâm hại")


class Means(Choice):
    """How an answer was brought back to its group."""

    MEETING = "meeting", N_("Tại buổi họp tổ")
    BOARD = "board", N_("Bảng tin cơ sở")
    LOUDSPEAKER = "loudspeaker", N_("Loa truyền thanh")
    VISIT = "visit", N_("Đến tận nơi")
    PHONE = "phone", N_("Điện thoại cho tổ trưởng")


class View(Choice):
    """What the group says of the answer it was given."""

    AGREED = "agreed", N_("Đồng ý")
    NOT_YET = "not_yet", N_("Chưa đồng ý")
    UNKNOWN = "unknown", N_("Chưa rõ")


class Nothing(Record):
    """A step of which nothing needs to be said."""


class Triage(Record):
    """What kind of matter a petition is, as whoever sorts it sees it."""

    category: Topic = ask(N_("Lĩnh vực"))
    urgency: Urgency = ask(N_("Mức độ khẩn"), Urgency.NORMAL, as_pills=True)


class Assignment(Record):
    """Who is to settle it, and by when."""

    unit_id: UUID = ask(N_("Giao cho"))
    day: Day = ask(N_("Hạn giải quyết"))
    text: Line = ask(N_("Lời nhắn"), "", max_length=500, multiline=True)


class Referral(Record):
    """Which agency is asked, what, and by when."""

    unit_id: UUID = ask(N_("Chuyển cơ quan"))
    day: Day = ask(N_("Hạn trả lời"))
    text: Line = ask(N_("Cần cơ quan trả lời việc gì?"), min_length=3, max_length=500, multiline=True)


class Redirection(Record):
    """To which channel a matter was sent. There is no box for its content."""

    channel: Channel = ask(N_("Việc này thuộc loại nào?"), as_pills=True)


class Merger(Record):
    """The petition that stands for this one too."""

    other_id: UUID = ask(
        N_("Gộp vào kiến nghị"), hint=N_("Kiến nghị ấy được trả lời thì tổ này cũng có câu trả lời.")
    )


class Hold(Record):
    """Why work rests, and until when."""

    text: Line = ask(N_("Vì sao phải dừng?"), min_length=3, max_length=500, multiline=True)
    day: Day = ask(N_("Dừng đến ngày"))


class Reply(Record):
    """What an agency answers to what was referred to it."""

    text: Line = ask(N_("Ý kiến trả lời của cơ quan"), min_length=3, max_length=2000, multiline=True)


class Answer(Record):
    """What is answered on the spot."""

    text: Line = ask(
        N_("Câu trả lời cho bà con"), min_length=3, max_length=2000, multiline=True,
        hint=N_("Viết như nói với bà con; lời này được đọc lại tại buổi họp tổ."),
    )  # fmt: skip


class Resolution(Record):
    """What was done, and by what that can be seen."""

    text: Line = ask(
        N_("Kết quả"), min_length=3, max_length=2000, multiline=True,
        hint=N_("Viết như nói với bà con; lời này được đọc lại tại buổi họp tổ."),
    )  # fmt: skip
    evidence: Line = ask(
        N_("Căn cứ xác nhận"), min_length=3, max_length=500,
        hint=N_("Biên bản, văn bản số mấy, ảnh công trình: xem ở đâu."),
    )  # fmt: skip


class Refusal(Record):
    """Why it cannot be done, in plain words."""

    text: Line = ask(
        N_("Vì sao chưa giải quyết được?"), min_length=10, max_length=2000, multiline=True,
        hint=N_("Nói rõ, dễ hiểu; lời này được đọc lại tại buổi họp tổ."),
    )  # fmt: skip


class Feedback(Record):
    """That the group was told the answer, how, and what it says."""

    means: Means = ask(N_("Trả lời tổ bằng cách nào?"), Means.MEETING, as_pills=True)
    day: Day = ask(N_("Ngày trả lời"))
    view: View = ask(N_("Tổ có đồng ý không?"), as_pills=True)
    text: Line = ask(N_("Tổ nói thêm"), "", max_length=500, multiline=True)


class Reason(Record):
    """A reason that has to be given."""

    text: Line = ask(N_("Lý do"), min_length=SHORTEST_REASON, max_length=500, multiline=True)


class Word(Record):
    """A word that may be added."""

    text: Line = ask(N_("Lời nhắn"), "", max_length=500, multiline=True)


class Advice(Record):
    """What somebody who follows the place would do about it."""

    text: Line = ask(N_("Góp ý"), min_length=3, max_length=1000, multiline=True)


class Proposal(Record):
    """To which tier above the next one a matter is put, and why."""

    unit_id: UUID = ask(N_("Đề xuất với"))
    text: Line = ask(N_("Vì sao phải đề xuất vượt cấp?"), min_length=10, max_length=500, multiline=True)

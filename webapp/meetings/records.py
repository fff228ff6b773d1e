"""What a meeting entry says: the one definition of its fields (see `webapp.fields`).

Source of the fields: the entities Meeting, Conveyance, OpinionNote, GroupDecision, Contribution and
Redirection of the domain analysis. There is no field for a person or a household, and there must be none.
"""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from webapp.fields import (
    N_,
    Choice,
    Day,
    Line,
    Number,
    OptionalMoment,
    OptionalNumber,
    OptionalTime,
    Record,
    Rejected,
    ask,
)
from webapp.petitions.records import Topic, View

MAX_ITEMS = 30
MAX_PHOTOS = 4
MAX_PHOTO_BYTES = 200_000


class MeetingStatus(Choice):
    """The fact: the meeting took place or it did not."""

    HELD = "held", N_("Có họp")
    NOT_HELD = "not_held", N_("Không họp")


class MeetingFormat(Choice):
    """How the meeting was held."""

    REGULAR = "regular", N_("Định kỳ")
    THEMATIC = "thematic", N_("Chuyên đề")
    COMBINED = "combined", N_("Kết hợp")
    AD_HOC = "ad_hoc", N_("Đột xuất")


class ChairRole(Choice):
    """Who chaired, by role: the officer is a guest and never the chair."""

    GROUP_LEADER = "group_leader", N_("Tổ trưởng")
    DEPUTY_LEADER = "deputy_leader", N_("Tổ phó")
    FRONT_COMMITTEE = "front_committee", N_("Ban công tác Mặt trận")
    HAMLET_HEAD = "hamlet_head", N_("Trưởng ấp, khu phố")
    OTHER = "other", N_("Người khác")


class OfficerPresence(Choice):
    """Whether the officer in charge was there."""

    PRESENT = "present", N_("Có dự")
    SUBSTITUTE = "substitute", N_("Có người dự thay")
    ABSENT = "absent", N_("Vắng")


class NotHeldReason(Choice):
    """Why there was no meeting; a blank is not a reason."""

    WEATHER = "weather", N_("Mưa bão, ngập, triều cường")
    SEASON = "season", N_("Mùa vụ, bà con đi làm")
    TOO_FEW = "too_few", N_("Quá ít hộ đến")
    LEADER_AWAY = "leader_away", N_("Tổ trưởng bận, ốm")
    CLASH = "clash", N_("Trùng việc chung của ấp, xã")
    MOURNING = "mourning", N_("Tổ có đám tang, đám giỗ")
    OTHER = "other", N_("Lý do khác")


class Prevalence(Choice):
    """How widely an opinion is held: the scale of public-opinion work, so that no name is needed."""

    NEARLY_ALL = "nearly_all", N_("Hầu hết")
    MOST = "most", N_("Đa số")
    MANY = "many", N_("Nhiều")
    SOME = "some", N_("Một số")


class Stance(Choice):
    """The tendency of an opinion."""

    AGREE = "agree", N_("Tán thành")
    CONCERNED = "concerned", N_("Băn khoăn")
    DISAGREE = "disagree", N_("Chưa đồng tình")
    REQUEST = "request", N_("Đề nghị")


class ContributionKind(Choice):
    """What people gave, as a total of the group."""

    WORKDAYS = "workdays", N_("Ngày công")
    LAND_M2 = "land_m2", N_("Đất (m²)")
    TREES = "trees", N_("Cây, hoa màu (cây)")
    CASH_VND = "cash_vnd", N_("Tiền (đồng)")
    OTHER = "other", N_("Thứ khác")


class RedirectionKind(Choice):
    """Matters that have their own channel: counted, never described."""

    COMPLAINT = "complaint", N_("Khiếu nại → tiếp công dân")
    DENUNCIATION = "denunciation", N_("Phản ánh sai phạm của cán bộ → tiếp công dân")
    CRIME = "crime", N_("An ninh, tội phạm → công an xã")
    LAND_DISPUTE = "land_dispute", N_("Tranh chấp đất → hòa giải cấp xã")
    MEDIATION = "mediation", N_("Mâu thuẫn xóm giềng → tổ hòa giải")
    EMERGENCY = "emergency", N_("Khẩn cấp, bạo lực, trẻ em → 113, 114, 115, 111")


class Conveyed(Record):
    """One thing that was conveyed to the group."""

    text: Line = ask(N_("Nội dung đã phổ biến"), min_length=1, max_length=300, multiline=True)
    questions: Line = ask(
        N_("Bà con hỏi gì về nội dung này"), "", max_length=300, multiline=True,
        hint=N_("Không có thì bỏ trống. Không ghi ai hỏi."),
    )  # fmt: skip
    item_id: UUID | None = None
    """The version of the bulletin's item that it was; empty for what somebody wrote down themselves."""


class FeedbackGiven(Record):
    """One answer that was brought back to the group."""

    text: Line = ask(N_("Trả lời việc bà con nêu lần trước"), min_length=1, max_length=300, multiline=True)
    view: View | None = ask(N_("Tổ có đồng ý không?"), None, as_pills=True)
    said: Line = ask(
        N_("Tổ nói thêm"), "", max_length=500, multiline=True,
        hint=N_("Chưa đồng ý thì ghi rõ vì sao. Không ghi ai nói."),
    )  # fmt: skip
    petition_id: UUID | None = None
    answer_id: UUID | None = None
    """The answer to that petition that was told; empty for what somebody wrote down themselves."""


class Opinion(Record):
    """One current of opinion in the group: never who holds it."""

    topic: Topic = ask(N_("Chủ đề"))
    prevalence: Prevalence = ask(N_("Mức độ"), as_pills=True)
    stance: Stance = ask(N_("Chiều hướng"), as_pills=True)
    text: Line = ask(
        N_("Bà con nói gì"), min_length=1, max_length=500, multiline=True,
        hint=N_("Không ghi tên người, tên hộ."),
    )  # fmt: skip


class Decision(Record):
    """One thing the group agreed on."""

    text: Line = ask(N_("Tổ thống nhất"), min_length=1, max_length=300, multiline=True)


class Contribution(Record):
    """What the group as a whole agreed to give, of its own will."""

    kind: ContributionKind = ask(N_("Loại"))
    quantity: Number = ask(N_("Số lượng (cả tổ)"), ge=1, le=100_000_000_000)
    note: Line = ask(N_("Ghi chú"), "", max_length=120, hint=N_("Không ghi tên hộ."))


class Redirection(Record):
    """How many were shown the proper channel: a number and nothing else."""

    kind: RedirectionKind = ask(N_("Loại việc"))
    count: Number = ask(N_("Số trường hợp"), 1, ge=1, le=50, as_counter=True)


class Photo(Record):
    """A photo of a place or a work, named by its content; its bytes travel by themselves, after the entry."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[Number, Field(ge=1, le=MAX_PHOTO_BYTES)]
    caption: Line = ask(N_("Chú thích"), "", max_length=120)


class Meeting(Record):
    """A meeting entry's body: one revision of what the officer says about one meeting of one group."""

    unit_id: UUID
    status: MeetingStatus = ask(N_("Tháng này tổ có họp không?"), MeetingStatus.HELD, as_pills=True)
    meeting_date: Day = ask(N_("Ngày họp"))
    not_held_reason: NotHeldReason | None = ask(N_("Vì sao không họp?"), None, when="status=not_held")
    not_held_note: Line = ask(N_("Nói rõ thêm"), "", max_length=300, multiline=True, when="status=not_held")
    rescheduled_to: OptionalMoment = ask(N_("Dời sang"), None, when="status=not_held")
    start: OptionalTime = ask(N_("Bắt đầu"), None, when="status=held")
    end: OptionalTime = ask(N_("Kết thúc"), None, when="status=held")
    place: Line = ask(N_("Nơi họp"), "", max_length=120, when="status=held")
    format: MeetingFormat = ask(N_("Hình thức"), MeetingFormat.REGULAR, as_pills=True, when="status=held")
    theme: Line = ask(N_("Chuyên đề, kết hợp với gì"), "", max_length=160, when="format=thematic|combined")
    chair_role: ChairRole = ask(N_("Chủ trì"), ChairRole.GROUP_LEADER, when="status=held")
    officer_presence: OfficerPresence = ask(
        N_("Cán bộ phụ trách"), OfficerPresence.PRESENT, as_pills=True, when="status=held"
    )
    substitute_title: Line = ask(
        N_("Chức danh người dự thay"), "", max_length=120, when="officer_presence=substitute",
        hint=N_("Ghi chức danh, không ghi tên."),
    )  # fmt: skip
    households_total: OptionalNumber = ask(N_("Tổng số hộ của tổ"), None, ge=1, le=500, as_counter=True)
    households_present: OptionalNumber = ask(
        N_("Số hộ dự họp"), None, ge=0, le=500, as_counter=True, when="status=held"
    )
    conveyed: tuple[Conveyed, ...] = ask(N_("Đã phổ biến"), (), max_length=MAX_ITEMS)
    feedback_given: tuple[FeedbackGiven, ...] = ask(N_("Phản hồi việc lần trước"), (), max_length=MAX_ITEMS)
    opinions: tuple[Opinion, ...] = ask(N_("Ý kiến nhân dân"), (), max_length=MAX_ITEMS)
    decisions: tuple[Decision, ...] = ask(N_("Nội dung tổ thống nhất"), (), max_length=MAX_ITEMS)
    contributions: tuple[Contribution, ...] = ask(N_("Đóng góp của dân"), (), max_length=MAX_ITEMS)
    redirections: tuple[Redirection, ...] = ask(
        N_("Hướng dẫn sang kênh khác"), (), max_length=len(RedirectionKind),
        hint=N_("Chỉ ghi loại việc và số trường hợp, không ghi nội dung."),
    )  # fmt: skip
    petition_ids: tuple[UUID, ...] = Field((), max_length=MAX_ITEMS)
    nothing_raised: bool = ask(N_("Bà con không có kiến nghị gì"), default=False)
    speaking_turns: OptionalNumber = ask(
        N_("Số lượt ý kiến"), None, ge=0, le=500, as_counter=True, when="status=held"
    )
    summary: Line = ask(
        N_("Tóm tắt buổi họp"), "", max_length=2000, multiline=True,
        hint=N_("Không ghi tên người, tên hộ, số giấy tờ."),
    )  # fmt: skip
    next_meeting: OptionalMoment = ask(N_("Hẹn họp lần tới"), None)
    photos: tuple[Photo, ...] = Field((), title=N_("Ảnh nơi họp, công trình"), max_length=MAX_PHOTOS)
    """Not asked by a form: a page takes the pictures and hands over what names them."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for field, message in contradictions(self):
            raise Rejected(field, message)
        return self


def contradictions(meeting: Meeting) -> list[tuple[str, str]]:
    """Say which answers cannot both be true, as (field, Vietnamese sentence), most important first."""
    found: list[tuple[str, str]] = []
    if meeting.status is MeetingStatus.NOT_HELD:
        if meeting.not_held_reason is None:
            found.append(("not_held_reason", N_("Chọn lý do không họp.")))
        if meeting.households_present:
            found.append(("households_present", N_("Không họp thì không có hộ dự.")))
        return found
    if meeting.households_present is None:
        found.append(("households_present", N_("Ghi số hộ dự họp.")))
    elif meeting.households_total is not None and meeting.households_present > meeting.households_total:
        found.append(("households_present", N_("Số hộ dự nhiều hơn tổng số hộ của tổ.")))
    if meeting.start and meeting.end and meeting.end <= meeting.start:
        found.append(("end", N_("Giờ kết thúc phải sau giờ bắt đầu.")))
    if meeting.nothing_raised and meeting.petition_ids:
        found.append(("nothing_raised", N_("Đã ghi kiến nghị thì bỏ chọn ô này.")))
    return found


class Withdrawal(Record):
    """An author's word that an entry was a mistake."""

    reason: Line = ask(N_("Vì sao rút lại?"), min_length=3, max_length=300, multiline=True)

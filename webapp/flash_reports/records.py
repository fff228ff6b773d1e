"""What a flash report says: the one definition of its four fields."""

from __future__ import annotations

from uuid import UUID

from webapp.fields import N_, Line, OptionalMoment, Record, ask


class FlashReport(Record):
    """Something that has just happened and cannot wait for the next meeting: what, where, since when, what is needed.

    When its author learned of it travels beside the body, as with every record.
    """

    unit_id: UUID
    what: Line = ask(
        N_("Việc gì vừa xảy ra?"), min_length=3, max_length=300, multiline=True,
        hint=N_("Một hai câu. Không ghi tên người, tên hộ."),
    )  # fmt: skip
    where: Line = ask(
        N_("Ở chỗ nào trong tổ?"), "", max_length=120, hint=N_("Đoạn đường, khúc kênh, nhà văn hóa…")
    )
    since: OptionalMoment = ask(N_("Xảy ra từ lúc nào?"), None)
    needed: Line = ask(
        N_("Cần gì ngay?"), min_length=3, max_length=300, multiline=True,
        hint=N_("Người, phương tiện, hoặc: chưa cần gì, chỉ báo để biết."),
    )  # fmt: skip


class FlashWithdrawal(Record):
    """An author's word that a flash report was a mistake."""

    reason: Line = ask(N_("Vì sao rút lại?"), min_length=3, max_length=300, multiline=True)

"""What somebody at the desk says when a passage is masked."""

from __future__ import annotations

from webapp.fields import N_, Choice, Line, Record, ask

LONGEST = 2000


class Reason(Choice):
    """Why something may not be kept; its label, in small letters, stands in the mark."""

    PERSON = "person", N_("Tên người, tên hộ")
    NUMBER = "number", N_("Số giấy tờ, tài khoản, điện thoại")
    LIFE = "life", N_("Đời tư, sức khỏe, tín ngưỡng")
    STANCE = "stance", N_("Thái độ của một người, một hộ")
    CHANNEL = "channel", N_("Thuộc kênh khác")
    SECRET = "secret", N_("Nội dung mật")


class Redacting(Record):
    """Which passage is to be masked, or which field as a whole, and why."""

    reason: Reason = ask(N_("Vì sao phải che?"))
    passage: Line = ask(
        N_("Đoạn cần che"), "", max_length=LONGEST, multiline=True,
        hint=N_("Chép đúng đoạn ấy; ở đâu trong phiếu có đoạn này đều được che. Bỏ trống để che cả một mục."),
    )  # fmt: skip
    field: Line = ask(N_("Che cả mục"), "", max_length=80)

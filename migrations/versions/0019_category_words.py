"""words by which the kind of a petition is found

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

WORDS = {
    "roads": "đường hỏng, ổ gà, cầu hư, lầy lội, bê tông, sạt lề, biển báo",
    "drainage": "cống nghẹt, ngập nước, nước đọng, mương, nắp cống, thoát nước",
    "lighting": "đèn đường, cúp điện, dây điện, trụ điện, bóng đèn, chiếu sáng, điện yếu",
    "clean_water": "nước sạch, nước máy, nước đục, ống nước, nước yếu, nước sinh hoạt",
    "drought_salinity": "nước mặn, độ mặn, hạn, khô hạn, thiếu nước ngọt, nhiễm mặn",
    "irrigation": "kênh, đê bao, cống ngăn, bờ bao, nạo vét kênh, tưới, thủy lợi",
    "disaster": "sạt lở, bão, lốc, triều cường, lũ, tốc mái, thiên tai",
    "environment": "rác, mùi hôi, ô nhiễm, khói, xả thải, nước thải, chăn nuôi gây mùi, thu gom rác",
    "production": "giá lúa, giá dừa, phân bón, cây giống, việc làm, vay vốn, sâu bệnh, dịch heo",
    "land_compensation": "đất đai, sổ đỏ, giải tỏa, bồi thường, thu hồi đất, quy hoạch",
    "welfare": "hộ nghèo, bảo hiểm, trợ cấp, người già, chính sách, hưu trí, xây nhà, thẻ bảo hiểm",
    "health": "trạm y tế, sốt xuất huyết, dịch bệnh, tiêm ngừa, khám bệnh, thuốc, muỗi",
    "education": "trường học, học phí, học sinh, lớp học, mẫu giáo, nhà trẻ",
    "procedures": "giấy tờ, thủ tục, căn cước, khai sinh, chứng thực, hộ khẩu, dịch vụ công, chờ lâu",
    "legal_education": "phổ biến pháp luật, hỏi luật, tư vấn pháp luật",
    "public_order": "ồn ào, karaoke, loa kéo, đua xe, chó thả rông, lấn chiếm lòng đường, họp chợ",
    "group_activity": "họp tổ, tổ trưởng, quỹ tổ, nhà sinh hoạt, giờ họp",
    "culture": "nông thôn mới, nhà văn hóa, sân bóng, lễ hội, gia đình văn hóa, thể thao",
}
"""What new installations start with."""


def upgrade() -> None:
    with op.batch_alter_table("petition_category", schema=None) as batch_op:
        batch_op.add_column(sa.Column("words", sa.String(length=300), server_default="", nullable=False))
    category = sa.table("petition_category", sa.column("code", sa.String()), sa.column("words", sa.String()))
    for code, words in WORDS.items():
        op.execute(category.update().where(category.c.code == code).values(words=words))


def downgrade() -> None:
    with op.batch_alter_table("petition_category", schema=None) as batch_op:
        batch_op.drop_column("words")

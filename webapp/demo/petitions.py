"""What the invented offices do with the petitions that reach them, until last midnight."""
# ruff: noqa: PLR2004 - shares and chances are invented where they stand

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Final
from uuid import UUID

from webapp.demo import calendar
from webapp.demo.ids import mint
from webapp.fields import Record
from webapp.petitions import records, rules
from webapp.petitions.presets import CATEGORIES, TIMES
from webapp.petitions.records import Channel, Means, Topic, Urgency, View
from webapp.petitions.rules import Deed, Event, Relation, Standing, Times
from webapp.workdays.actions import DECREED
from webapp.workdays.rules import Calendar

WORKDAYS: Final = Calendar({day: is_worked for day, is_worked, _ in DECREED})
ALLOWED: Final = Times(*(days for _, days, _ in TIMES))
DAYS: Final = {one.topic.value: one.answer_days for one in CATEGORIES}
_DONE: Final = (
    ("Đã khảo sát, sửa xong trong tuần; bà con theo dõi giúp sau mưa lớn.", "Biên bản nghiệm thu có đại diện tổ"),
    ("Đã làm xong phần hư hỏng nặng nhất; phần còn lại đưa vào kế hoạch quý sau.", "Ảnh công trình tại văn phòng ấp"),
    ("Đã làm việc với đơn vị quản lý, đơn vị đã khắc phục.", "Công văn trả lời của đơn vị"),
    ("Đã niêm yết hướng dẫn tại nhà văn hóa và cử người giúp làm thủ tục.", "Niêm yết tại nhà văn hóa ấp"),
    ("Đã tổ chức một buổi tại ấp để giải đáp và nhận hồ sơ.", "Biên bản buổi làm việc"),
)  # fmt: skip
_REFUSED: Final = (
    "Năm nay xã chưa cân đối được vốn; đã ghi vào danh mục đề nghị đầu tư năm sau.",
    "Tuyến này thuộc quy hoạch đang điều chỉnh nên chưa làm được; xong quy hoạch sẽ báo lại tổ.",
)
_ON_THE_SPOT: Final = (
    "Việc này đã có lịch làm trong tháng tới; tổ được báo trước ngày làm.",
    "Hồ sơ nộp tại bộ phận một cửa xã, không mất phí; cán bộ ấp giúp điền mẫu.",
)
_ASKED: Final = "Đề nghị cho biết đơn vị nào quản lý và hướng xử lý."


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of an invented life."""

    event: Event
    said: Record
    relation: Relation
    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Life:
    """What became of a petition, and what that amounts to."""

    log: tuple[Happened, ...]
    standing: Standing
    since: datetime
    next_by: date | None


@cache
def _after(day: date, count: int) -> date:
    return WORKDAYS.after(day, count)


class Offices:
    """Those who handle petitions in one commune."""

    def __init__(self, rng: Random, commune_id: UUID, clerk: UUID, leader: UUID, horizon: datetime) -> None:
        self.rng, self.commune_id, self.clerk, self.leader, self.horizon = (
            rng,
            commune_id,
            clerk,
            leader,
            horizon,
        )

    def live(self, raised_at: datetime, teller: UUID, body: dict[str, object]) -> Life:
        """Let a petition live from when it came until last midnight."""
        log: list[Happened] = []
        standing, since = Standing(), raised_at
        for deed, said, by, at in self._story(raised_at, teller, body):
            if at >= self.horizon:
                break
            about = standing.ending if deed in (Deed.FEED_BACK, Deed.CLOSE) else None
            event = Event(
                mint(self.rng, at), deed, about, getattr(said, "unit_id", None), getattr(said, "day", None),
                getattr(said, "view", None),
            )  # fmt: skip
            relation = Relation.HOME if rules.may(deed, standing.state, [Relation.HOME]) else Relation.OWNER
            log.append(Happened(event, said, Relation.FOLLOWER if by == teller else relation, by, at))
            now = rules.after(standing, event)
            since, standing = (at if now.state is not standing.state else since), now
        until = rules.next_by(standing, calendar.day_of(since), WORKDAYS, ALLOWED)
        return Life(tuple(log), standing, since, until)

    def _story(
        self, raised_at: datetime, teller: UUID, body: dict[str, object]
    ) -> Iterator[tuple[Deed, Record, UUID, datetime]]:
        """Tell what would happen if there were time enough."""
        rng, chance = self.rng, self.rng.random()
        if chance < 0.004:
            return  # forgotten in a drawer
        topic, urgency = Topic(str(body["category"])), Urgency(str(body.get("urgency", Urgency.NORMAL)))
        at = self._working(raised_at, rng.randint(1, 3) if chance < 0.95 else rng.randint(4, 7))
        yield Deed.TRIAGE, records.Triage(category=topic, urgency=urgency), self.clerk, at
        if chance < 0.08:
            yield Deed.ANSWER, records.Answer(text=rng.choice(_ON_THE_SPOT)), self.clerk, _minutes(at, 5)
        elif chance < 0.09:
            yield (
                Deed.REDIRECT,
                records.Redirection(channel=rng.choice(tuple(Channel))),
                self.clerk,
                _minutes(at, 5),
            )
            return
        else:
            due = _after(calendar.day_of(at), DAYS[topic.value])
            given = records.Assignment(unit_id=self.commune_id, day=due)
            yield Deed.ASSIGN, given, self.leader, _minutes(at, 30)
            at = self._working(at, rng.randint(1, 5))
            yield Deed.START, records.Nothing(), self.clerk, at
            if chance < 0.16:
                rest = calendar.day_of(at) + timedelta(days=rng.randint(20, 60))
                yield (
                    Deed.HOLD,
                    records.Hold(text="Chờ hết mùa mưa mới thi công được.", day=rest),
                    self.clerk,
                    _minutes(at, 9),
                )
                at = self._working(calendar.moment(rest, 600), 1)
                yield Deed.RESUME, records.Nothing(), self.clerk, at
            at = self._working(at, rng.randint(2, 6) if rng.random() < 0.95 else rng.randint(15, 70))
            if rng.random() < 0.12:
                yield Deed.DECLINE, records.Refusal(text=rng.choice(_REFUSED)), self.leader, at
            else:
                text, evidence = rng.choice(_DONE)
                yield Deed.RESOLVE, records.Resolution(text=text, evidence=evidence), self.clerk, at
        told = calendar.moment(
            calendar.day_of(at) + timedelta(days=rng.randint(6, 34)), rng.randint(1100, 1200)
        )
        if rng.random() < 0.025:
            return  # nobody told the group
        view = rng.choices((View.AGREED, View.UNKNOWN, View.NOT_YET), (84, 12, 4))[0]
        said = records.Feedback(means=Means.MEETING, day=calendar.day_of(told), view=view)
        yield Deed.FEED_BACK, said, teller, told
        if view is View.AGREED and rng.random() < 0.95:
            yield Deed.CLOSE, records.Word(), self.clerk, self._working(told, rng.randint(1, 6))

    def _working(self, after: datetime, days: int) -> datetime:
        """Return a moment at an office, so many working days later."""
        day = _after(calendar.day_of(after), days)
        return calendar.moment(day, self.rng.randint(450, 990))


def _minutes(at: datetime, count: int) -> datetime:
    return at + timedelta(minutes=count)

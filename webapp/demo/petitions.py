"""What the invented offices do with the petitions that reach them, and how groups hear of it, until last midnight."""
# ruff: noqa: PLR2004 - shares and chances are invented where they stand

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from webapp.demo import calendar
from webapp.demo.ids import mint
from webapp.demo.phrases import PLAIN, Request, Slots
from webapp.fields import Record
from webapp.petitions import records, rules
from webapp.petitions.presets import CATEGORIES, TIMES
from webapp.petitions.records import Channel, Means, Topic, Urgency, View
from webapp.petitions.rules import Deed, Event, Relation, Standing, State, Times
from webapp.workdays.actions import DECREED
from webapp.workdays.rules import Calendar

WORKDAYS: Final = Calendar({day: is_worked for day, is_worked, _ in DECREED})
ALLOWED: Final = Times(*(days for _, days, _ in TIMES))
DAYS: Final = {one.topic.value: one.answer_days for one in CATEGORIES}
_UNDER_WAY: Final = re.compile("chờ|ghi nhận|đang|đề nghị|chuyển|sẽ|hẹn|chưa", re.IGNORECASE)
"""What came of a request and is no end of it."""
_EVIDENCE: Final = (
    "Biên bản nghiệm thu có đại diện tổ", "Ảnh hiện trường lưu tại văn phòng ấp", "Biên bản buổi làm việc tại ấp",
    "Thông báo niêm yết tại nhà văn hóa",
)  # fmt: skip
_REFUSED: Final = (
    "Năm nay xã chưa cân đối được vốn; đã ghi vào danh mục đề nghị đầu tư năm sau.",
    "Việc này phải theo quy hoạch đang điều chỉnh nên chưa làm được; xong quy hoạch sẽ báo lại tổ.",
    "Xã đã đề nghị nhưng chưa được giao kinh phí; bà con thông cảm, đầu năm sau xã trình lại.",
)
_ON_THE_SPOT: Final = (
    "Việc này đã có lịch làm trong tháng tới; tổ được báo trước ngày làm.",
    "Xã đã giao ấp làm ngay trong tuần; bà con theo dõi, còn vướng thì báo lại.",
)
_ASKED: Final = (
    "Đề nghị cho biết đơn vị nào quản lý và hướng xử lý.",
    "Nhờ cơ quan khảo sát, cho biết có hỗ trợ được trong năm nay không.",
)
_REPLIED: Final = (
    "Đã cho người khảo sát; đồng ý hỗ trợ, xã làm việc trực tiếp với bộ phận chuyên môn để thực hiện.",
    "Việc này thuộc thẩm quyền của xã; cơ quan hướng dẫn kỹ thuật khi xã cần.",
    "Đã đưa vào kế hoạch quý này; khi làm sẽ báo trước cho ấp.",
)
_NOT_AGREED: Final = (
    "Bà con đi xem lại thì chỗ cũ vẫn còn, đề nghị làm cho dứt điểm.",
    "Mới làm được một phần, bà con chưa đồng ý.",
)
_PRESSED: Final = "Đã quá hạn, đề nghị báo tiến độ để cán bộ trả lời tổ."
_SAID: Final = ("Bà con cám ơn.", "Bà con mừng, sẽ giữ gìn chung.", "")
_OTHER_MEANS: Final = (Means.BOARD, Means.LOUDSPEAKER, Means.PHONE, Means.VISIT)


class Heard(NamedTuple):
    """That it was told at a meeting: the entry that says so, and when that entry was written down and arrived."""

    entry_id: UUID
    author_id: UUID
    day: date
    made_at: datetime
    learned_at: datetime | None
    clock_offset: int | None
    received_at: datetime
    told: list[dict[str, Any]]
    """The answers told at this meeting, as its entry has them."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A petition as the offices find it."""

    id: UUID
    hamlet_id: UUID
    raised_at: datetime
    author_id: UUID
    body: Mapping[str, Any]
    request: Request
    meetings: Sequence[Heard]
    """Where its group may hear of it, the oldest first."""
    shown: str = ""
    """`ANSWERED` or `ASKED`: what it is to be when a visitor looks."""


ANSWERED, ASKED = "answered", "asked"


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of an invented life."""

    event: Event
    said: Record
    relation: Relation | None
    """None: it followed of itself."""
    by: UUID
    at: datetime
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """What became of a petition, and what that amounts to."""

    log: tuple[Happened, ...]
    standing: Standing
    since: datetime
    next_by: date | None


class _Step(NamedTuple):
    """What somebody is about to do."""

    deed: Deed
    said: Record
    by: UUID
    at: datetime
    heard: Heard | None = None
    answer: Happened | None = None
    """The answer to the petition that stands for it."""


@cache
def _after(day: date, count: int) -> date:
    return WORKDAYS.after(day, count)


@dataclass
class Offices:
    """Those who handle petitions in one commune."""

    rng: Random
    commune_id: UUID
    clerk: UUID
    leader: UUID
    horizon: datetime
    is_town: bool
    agencies: Mapping[str, Sequence[tuple[UUID, UUID]]]
    """By topic, who is asked, the nearest first: the agency, and who answers for it."""
    overseers: Mapping[UUID, UUID]
    """By hamlet, who follows it from above."""
    _lives: dict[tuple[UUID, str], list[tuple[UUID, Life]]] = field(default_factory=dict)
    """By hamlet and topic, what may stand for a like petition."""

    def live(self, matter: Matter) -> Life:
        """Let a petition live from when it came until last midnight."""
        log: list[Happened] = []
        standing, since = Standing(), matter.raised_at
        for step in self._story(matter):
            if step.at >= self.horizon:
                break
            event = self._event(step, standing)
            log.append(Happened(event, step.said, _capacity(step, standing), step.by, step.at, step.heard))
            if step.heard and step.deed is Deed.FEED_BACK:
                step.heard.told.append(_row(matter, event, step.said))
            now = rules.after(standing, event)
            since, standing = (step.at if now.state is not standing.state else since), now
        until = rules.next_by(standing, calendar.day_of(since), WORKDAYS, ALLOWED)
        life = Life(tuple(log), standing, since, until)
        if standing.head is None and standing.state is not State.REDIRECTED:
            self._lives.setdefault((matter.hamlet_id, matter.request.topic), []).append((matter.id, life))
        return life

    def _event(self, step: _Step, standing: Standing) -> Event:
        said = vars(step.said)
        about = standing.ending if step.deed in (Deed.FEED_BACK, Deed.CLOSE, Deed.REOPEN) else None
        if step.heard and about:
            # The id that taking in the entry would have given it (petitions.actions.hear).
            view = said.get("view", View.NOT_YET)
            ident = uuid5(about, f"{step.heard.entry_id} {view.value} {step.deed.value}")
        else:
            ident = mint(self.rng, step.at)
        return Event(
            ident, step.deed, step.answer.event.id if step.answer else about, said.get("unit_id"),
            said.get("day"), said.get("view"), said.get("other_id"),
        )  # fmt: skip

    def _story(self, matter: Matter) -> Generator[_Step, None, None]:
        """Tell what would happen if there were time enough."""
        rng, chance = self.rng, 0.5 if matter.shown else self.rng.random()
        if chance < 0.004:
            return  # forgotten in a drawer
        topic = Topic(str(matter.body["category"]))
        urgency = Urgency(str(matter.body.get("urgency", Urgency.NORMAL)))
        at = self._working(matter.raised_at, rng.randint(1, 3) if chance < 0.95 else rng.randint(4, 7))
        yield _Step(Deed.TRIAGE, records.Triage(category=topic, urgency=urgency), self.clerk, at)
        if chance < 0.08:
            at = _minutes(at, 5)
            yield _Step(Deed.ANSWER, records.Answer(text=rng.choice(_ON_THE_SPOT)), self.clerk, at)
        elif chance < 0.09:
            sent = records.Redirection(channel=rng.choice(tuple(Channel)))
            yield _Step(Deed.REDIRECT, sent, self.clerk, _minutes(at, 5))
            return
        elif chance < 0.16 and (head := self._like(matter, at)):
            yield _Step(Deed.MERGE, records.Merger(other_id=head[0]), self.clerk, _minutes(at, 6))
            answer = next((one for one in head[1].log if one.event.deed in rules.ANSWERS), None)
            if answer is None:
                return  # who stands for it has no answer yet
            at = answer.at
            yield _Step(answer.event.deed, answer.said, answer.by, at, answer=answer)
        else:
            at = self._working(at, 1) if rng.random() < 0.35 else _minutes(at, 30)
            end = yield from self._work(matter, topic, at)
            if end is None:
                return
            at = end
        told = yield from self._tell(matter, at)
        if told and told[1].view is View.NOT_YET:
            yield from self._once_more(matter, topic, *told)

    def _like(self, matter: Matter, at: datetime) -> tuple[UUID, Life] | None:
        """Return a like petition of the same hamlet that nobody has answered at this moment."""
        for ident, life in reversed(self._lives.get((matter.hamlet_id, matter.request.topic), [])):
            answered = next((one.at for one in life.log if one.event.deed in rules.ANSWERS), None)
            if answered is None and life.standing.state in rules.UNSETTLED:
                return ident, life
            if answered and answered > _minutes(at, 6) and life.standing.state is not State.REOPENED:
                return ident, life
        return None

    def _work(self, matter: Matter, topic: Topic, at: datetime) -> Generator[_Step, None, datetime | None]:
        """Give it to the commune and let it be settled; return when there is an answer, or None."""
        rng = self.rng
        due = _after(calendar.day_of(at), DAYS[topic.value])
        given = records.Assignment(unit_id=self.commune_id, day=due)
        yield _Step(Deed.ASSIGN, given, self.leader, at)
        at = self._working(at, rng.randint(1, 2) if matter.shown else rng.randint(1, 5))
        yield _Step(Deed.START, records.Nothing(), self.clerk, at)
        if matter.shown:
            ask, rests = matter.shown == ASKED, False
        else:
            ask = rng.random() < (0.5 if matter.body.get("level") in ("upper", "top") else 0.12)
            rests = rng.random() < 0.07
        if ask and (asked := self.agencies.get(topic.value) or self.agencies.get(Topic.ROADS.value)):
            agency, officer = asked[-1] if matter.body.get("level") == "top" else asked[0]
            at = _minutes(at, 12)
            until = _after(calendar.day_of(at), 7)
            yield _Step(
                Deed.REFER,
                records.Referral(unit_id=agency, day=until, text=rng.choice(_ASKED)),
                self.clerk,
                at,
            )
            if matter.shown:
                return None
            at = self._working(at, rng.randint(2, 8) if rng.random() < 0.9 else rng.randint(15, 40))
            yield _Step(Deed.REPLY, records.Reply(text=rng.choice(_REPLIED)), officer, at)
        if rests:
            rest = calendar.day_of(at) + timedelta(days=rng.randint(20, 60))
            held = records.Hold(text="Chờ hết mùa mưa mới thi công được.", day=rest)
            yield _Step(Deed.HOLD, held, self.clerk, _minutes(at, 9))
            at = self._working(calendar.moment(rest, 600), 1)
            yield _Step(Deed.RESUME, records.Nothing(), self.clerk, at)
        days = rng.randint(2, 6) if rng.random() < 0.95 else rng.randint(15, 70)
        done = self._working(at, 3 if matter.shown else days)
        overseer = self.overseers.get(matter.hamlet_id)
        if overseer and calendar.day_of(done) > (pressed := _after(due, 4)) and rng.random() < 0.4:
            yield _Step(Deed.PRESS, records.Word(text=_PRESSED), overseer, calendar.moment(pressed, 560))
        if not matter.shown and rng.random() < 0.12:
            yield _Step(Deed.DECLINE, records.Refusal(text=rng.choice(_REFUSED)), self.leader, done)
        else:
            said = records.Resolution(text=self._result(matter.request, done), evidence=rng.choice(_EVIDENCE))
            yield _Step(Deed.RESOLVE, said, self.clerk, done)
        return done

    def _result(self, request: Request, at: datetime) -> str:
        """Say in the office's words what was done about it."""
        slots = Slots(self.rng, PLAIN, calendar.day_of(at), is_town=self.is_town)
        ends = [one for one in request.results if not _UNDER_WAY.search(one)]
        return slots.fill(self.rng.choice(ends))

    def _tell(
        self, matter: Matter, at: datetime, *, agreed: bool = False
    ) -> Generator[_Step, None, tuple[_Step, records.Feedback] | None]:
        """Let the group hear the answer at its next meeting, or by another means; return what it heard, or None."""
        rng = self.rng
        view = rng.choices((View.AGREED, View.UNKNOWN, View.NOT_YET), (85, 11, 4))[0]
        view = View.AGREED if agreed or matter.shown else view
        if not matter.shown and rng.random() < 0.05:
            told_at = self._working(at, rng.randint(2, 12))
            day, means = calendar.day_of(told_at), rng.choice(_OTHER_MEANS)
            view = View.UNKNOWN if view is View.NOT_YET else view
            said = records.Feedback(means=means, day=day, view=view)
            step = _Step(Deed.FEED_BACK, said, self.clerk, told_at)
        else:
            later = [one for one in matter.meetings if one.day > calendar.day_of(at)]
            heard = next((one for one in later if rng.random() < 0.93), None)
            if heard is None:
                return None  # nobody has told the group
            text = rng.choice(_NOT_AGREED if view is View.NOT_YET else _SAID)
            said = records.Feedback(day=heard.day, view=view, text=text)
            step = _Step(Deed.FEED_BACK, said, heard.author_id, heard.received_at, heard)
        yield step
        if view is not View.NOT_YET and rng.random() < 0.97:
            yield _Step(Deed.CLOSE, records.Word(), self.clerk, self._working(step.at, rng.randint(1, 8)))
        return step, said

    def _once_more(
        self, matter: Matter, topic: Topic, told: _Step, heard: records.Feedback
    ) -> Generator[_Step, None, None]:
        """Open it again, because the group does not agree, and settle it better."""
        yield told._replace(deed=Deed.REOPEN, said=records.Reason(text=heard.text))
        at = self._working(told.at, self.rng.randint(1, 3))
        urgency = Urgency.SOON
        yield _Step(Deed.TRIAGE, records.Triage(category=topic, urgency=urgency), self.clerk, at)
        end = yield from self._work(replace(matter, shown=ANSWERED), topic, _minutes(at, 20))
        if end is not None:
            yield from self._tell(matter, end, agreed=True)

    def _working(self, after: datetime, days: int) -> datetime:
        """Return a moment at an office, so many working days later."""
        day = _after(calendar.day_of(after), days)
        return calendar.moment(day, self.rng.randint(450, 990))


def _capacity(step: _Step, standing: Standing) -> Relation | None:
    """Return in which capacity a step is taken."""
    if step.answer:
        return None
    if step.heard or step.deed is Deed.PRESS:
        return Relation.FOLLOWER
    return _nearest(step.deed, standing.state)


@cache
def _nearest(deed: Deed, state: State) -> Relation:
    relations = (Relation.HOME, Relation.OWNER, Relation.AGENCY)
    return next(one for one in relations if rules.may(deed, state, [one]))


def _row(matter: Matter, event: Event, said: Record) -> dict[str, Any]:
    """Return what the entry says of an answer that was told."""
    row = {
        "text": matter.body["title"], "view": event.view.value if event.view else None,
        "petition_id": str(matter.id), "answer_id": str(event.about),
    }  # fmt: skip
    text = vars(said)["text"]
    return row | ({"said": text} if text else {})


def _minutes(at: datetime, count: int) -> datetime:
    return at + timedelta(minutes=count)

"""What phones have saved: a record with its revisions, and what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from webapp.demo import desk
from webapp.demo.flashes import Opening
from webapp.demo.petitions import Life
from webapp.demo.phrases import Request

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


@dataclass(slots=True)
class Revision:
    """One operation, as its author's phone froze it."""

    op_id: UUID
    rev: int
    made_at: datetime
    learned_at: datetime | None
    clock_offset: int | None
    received_at: datetime
    device_seq: int
    body: dict[str, Any]
    head: str
    """All of the operation but its body."""
    text: str = ""
    """The operation, once it is certain what was told at the meeting."""

    def freeze(self) -> None:
        """Write the operation as it was sent."""
        self.text = f'{self.head},"body":{_ENCODER.encode(self.body)}}}'


@dataclass(slots=True)
class Saved:
    """A meeting entry, a petition or a flash report with its revisions and what the desk said."""

    kind: str
    id: UUID
    unit_id: UUID
    author_id: UUID
    device_id: UUID
    revisions: list[Revision] = field(default_factory=list)
    reviews: list[desk.Review] = field(default_factory=list)
    request: Request | None = None
    """The phrase of a petition."""
    shown: str = ""
    """What a petition or a flash report is to be when a visitor looks."""
    life: Life | None = None
    """What became of a petition."""
    opening: Opening | None = None
    """Who opened a flash report first."""

    @property
    def state(self) -> str:
        """Return what became of the newest revision."""
        if self.life is not None:
            return self.life.standing.state.value
        if self.kind == "flash_report":
            return "opened" if self.opening else "reported"
        decisions = [
            r.decision for r in self.reviews if r.rev == len(self.revisions) and r.decision != desk.COMMENT
        ]
        return decisions[-1] if decisions else "submitted"

    @property
    def changed_at(self) -> datetime:
        """Return when the server last learned something about it."""
        happened = self.life.log if self.life else ()
        moments = [*(review.at for review in self.reviews), *(one.at for one in happened)]
        opened = [self.opening.at] if self.opening else []
        return max([self.revisions[-1].received_at, *moments, *opened])

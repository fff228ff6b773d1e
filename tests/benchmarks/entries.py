"""Entries with real, varied text: the twenty samples, signed as a phone signs them.

The first twelve samples are those of the domain analysis (fictitious places, no persons); eight more were
written in their manner, so that twenty queued entries repeat no sentence and gzip gains nothing from it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from uuid_utils.compat import uuid7

SAMPLES: Final[list[dict[str, Any]]] = json.loads(
    (Path(__file__).resolve().parent / "samples.json").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Author:
    """Who records, on which device and for which groups."""

    officer: str
    device: str
    secret: bytes
    groups: Sequence[str]

    @classmethod
    def of(cls, session: dict[str, Any], pulled: dict[str, Any]) -> Author:
        """Read the answers of `/sync/session` and of the first `/sync/pull`."""
        secret = session["device"]["secret"]
        groups = [unit["id"] for unit in pulled["scope"]["units"] if unit.get("mine")]
        return cls(
            session["officer"]["id"],
            session["device"]["id"],
            base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4)),
            groups,
        )


def compact(value: object) -> str:
    """Write JSON as a phone does."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Pen:
    """Writes operations of one author, with numbers that go up."""

    def __init__(self, author: Author, today: date, *, sequence: int = 0) -> None:
        """Write as `author`; dates of the samples are moved into the days before `today`."""
        self.author = author
        self.today = today
        self.sequence = sequence

    def meeting(self, number: int, petition_ids: Sequence[str] = ()) -> dict[str, str]:
        """Write the operation that saves a new meeting with the text of one sample."""
        body = {"unit_id": self._group(number), **SAMPLES[number % len(SAMPLES)]["meeting"]}
        body["meeting_date"] = (self.today - timedelta(days=number % 5)).isoformat()
        if petition_ids:
            body["petition_ids"] = list(petition_ids)
        return self._sign("meeting.save", new_id(), body)

    def entry(self, number: int) -> list[dict[str, str]]:
        """Write a new meeting and the petitions raised at it."""
        petitions = SAMPLES[number % len(SAMPLES)]["petitions"]
        ids = [new_id() for _ in petitions]
        group = self._group(number)
        return [
            self.meeting(number, ids),
            *(
                self._sign("petition.save", each_id, {"unit_id": group, **body})
                for each_id, body in zip(ids, petitions, strict=True)
            ),
        ]

    def push(self, operations: Sequence[dict[str, str]]) -> bytes:
        """Write the body of a push."""
        return compact({"protocol": 1, "device": self.author.device, "operations": list(operations)}).encode()

    def _group(self, number: int) -> str:
        return self.author.groups[number % len(self.author.groups)]

    def _sign(self, kind: str, record: str, body: dict[str, Any]) -> dict[str, str]:
        self.sequence += 1
        text = compact({
            "op_id": new_id(), "kind": kind, "id": record, "rev": 1, "base_rev": 0,
            "made_at": f"{self.today.isoformat()}T0{self.sequence % 10}:15:{self.sequence % 60:02d}.000Z",
            "author": self.author.officer, "device": self.author.device, "device_seq": self.sequence,
            "body": body,
        })  # fmt: skip
        proof = hmac.new(self.author.secret, text.encode(), hashlib.sha256).digest()
        return {"op": text, "mac": base64.urlsafe_b64encode(proof).decode().rstrip("=")}


def new_id() -> str:
    """Mint a UUIDv7."""
    return str(uuid.UUID(str(uuid7())))

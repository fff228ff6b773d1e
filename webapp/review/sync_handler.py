"""What the desk said travels with the entry it was said about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from webapp.redaction.actions import register_copies
from webapp.review.actions import mask_reviews
from webapp.review.queries import reviews_of
from webapp.sync.registry import register_addition


def init() -> None:
    """Add reviews to pulled entries, and mask in them what is masked in the entry."""
    register_addition("meeting", _reviews)
    register_copies(mask_reviews)


def _reviews(ids: Sequence[UUID]) -> Mapping[UUID, dict[str, Any]]:
    return {meeting_id: {"reviews": said} for meeting_id, said in reviews_of(ids).items()}

"""The form that asks for one petition inside a meeting's form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import Form, HiddenField

from webapp.forms import form_for
from webapp.petitions.records import Petition

if TYPE_CHECKING:
    Questions = Form
else:
    Questions = form_for(Petition, leave_out=frozenset({"unit_id", "meeting_id"}))


class PetitionRow(Questions):
    """A petition among those raised at a meeting; it remembers the record it stands for."""

    id = HiddenField()
    rev = HiddenField()

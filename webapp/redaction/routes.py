"""What the pages that can be masked share; the addresses are theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, request
from flask_babel import gettext as _

from webapp.forms import body_from, pin
from webapp.redaction.actions import Refused
from webapp.redaction.forms import redaction_form
from webapp.redaction.records import Redacting

if TYPE_CHECKING:
    from collections.abc import Callable

    from wtforms import Form

    from webapp.fields import Record


def still_to_mend(record: Record, redact: Callable[[Redacting], None]) -> Form | None:
    """Let `redact` mask what the posted form asks of a record; return the form if something in it must be mended."""
    form = redaction_form(record, request.form)
    asked = body_from(form, Redacting)
    if asked is None:
        return form
    try:
        redact(asked)
    except Refused as refused:
        pin(form, [refused.field], _(refused.message))
        return form
    flash(_("Đã che; các máy bỏ đoạn này khi đồng bộ."), "good")
    return None

"""The pages of reports."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request

from webapp import clock
from webapp.accounts.session import requires, signed_in
from webapp.desk import around
from webapp.permissions import Permission
from webapp.petitions.board import Span, overdue_until, returned
from webapp.places.queries import types
from webapp.reports.queries import last_day, month_report

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
blueprint.context_processor(around)

_YEARS = range(2000, 2101)


@blueprint.get("/month")
@requires(Permission.READ_MEETING)
def month() -> str:
    """Show who met in a month, on the tree of that month or on today's: the page says which."""
    today = clock.today()
    chosen = request.args.get("month", type=_month) or today.replace(day=1)
    on_todays_tree = request.args.get("tree") == "today"
    report = month_report(signed_in(), chosen, today if on_todays_tree else min(last_day(chosen), today))
    span = Span(report.month, min(last_day(report.month), today))
    heard = returned(signed_in(), span) if span.first <= span.last else None
    return render_template(
        "reports/month.html", report=report, on_todays_tree=on_todays_tree, types=types(), span=span, returned=heard,
        overdue_until=overdue_until(span),
    )  # fmt: skip


def _month(text: str) -> date:
    month = date.fromisoformat(f"{text}-01")
    if month.year not in _YEARS:
        raise ValueError(text)
    return month

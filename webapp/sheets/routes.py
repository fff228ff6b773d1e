"""The pages on which an administrator takes a spreadsheet in: hand in, match columns, dry run, do it, report."""

from __future__ import annotations

import re
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from webapp import clock
from webapp.accounts.session import requires, signed_in
from webapp.desk import around
from webapp.errors import CATALOGUE, Problem
from webapp.extensions import csrf
from webapp.paging import Paging, page_asked
from webapp.permissions import Permission
from webapp.sheets import actions, files, forms, layout, queries, report
from webapp.sheets.columns import Kind, Part, Tier, read_headers
from webapp.sheets.files import UnusableSheetError
from webapp.sheets.layout import Layout, State
from webapp.sheets.models import SheetImport
from webapp.sheets.planned import Verdict
from webapp.workbook import handed_out

blueprint = Blueprint("sheets", __name__, url_prefix="/sheets")
blueprint.context_processor(around)

ENVELOPE = 64 * 1024
"""What a browser's form needs around the file."""
PAGE = 100


@blueprint.get("/")
@requires(Permission.ADMINISTER)
def page() -> str:
    """Show where to hand in a file, the templates, and the files that are still here."""
    return _page()


# The origin is proven by Sec-Fetch-Site or Origin; a token would have the form read before its size is allowed.
@csrf.exempt
@blueprint.post("/")
@requires(Permission.ADMINISTER)
def hand_in() -> BaseResponse | tuple[str, int]:
    """Keep a file and go on to its columns, or say in one sentence why it cannot be read."""
    request.max_content_length = files.MOST_BYTES + ENVELOPE
    try:
        sent = request.files.get("file")
        made = actions.hand_in(signed_in(), (sent and sent.filename) or "", sent.read() if sent else b"")
    except RequestEntityTooLarge:
        return _page("sheet_too_large"), CATALOGUE["sheet_too_large"].status
    except UnusableSheetError as unusable:
        return _page(unusable.code), CATALOGUE[unusable.code].status
    return redirect(url_for(".columns", import_id=made), 303)


@blueprint.get("/template/<any(units,people,counts,assignments,all):which>.xlsx")
@requires(Permission.ADMINISTER)
def template(which: str) -> Response:
    """Give a file to fill in."""
    kinds = list(Kind) if which == "all" else [Kind(which)]
    actor = signed_in()
    return handed_out(
        report.template(kinds, queries.tiers(actor), queries.top_rank(actor)), f"mau-{which}.xlsx"
    )


@blueprint.get("/<uuid:import_id>/columns")
@requires(Permission.ADMINISTER)
def columns(import_id: UUID) -> str | BaseResponse:
    """Show which column says what."""
    found = queries.opened(signed_in(), import_id)
    if queries.is_at_work(found) or found.state == State.DONE:
        return redirect(url_for(".show", import_id=import_id))
    return _columns(found, layout.from_json(found.layout))


@blueprint.post("/<uuid:import_id>/columns")
@requires(Permission.ADMINISTER)
def match(import_id: UUID) -> BaseResponse | str | tuple[str, int]:
    """Keep which column says what and begin the dry run; or, when another kind or row was chosen, guess anew."""
    actor = signed_in()
    found = queries.opened(actor, import_id)
    tiers = queries.tiers(actor)
    form = forms.DefaultsForm()
    form.offer()
    chosen, twice, is_new = _chosen(found, tiers)
    if request.form.get("step") == "again" or is_new:
        return _columns(found, chosen, form)
    wrong = forms.problems(chosen, tiers, twice)
    if wrong or not form.validate_on_submit():
        return _columns(found, chosen, form, wrong), 422
    chosen.day, chosen.basis = form.day.data or clock.today(), " ".join((form.basis.data or "").split())
    chosen.person_kind = form.person_kind.data
    actions.match(actor, import_id, chosen)
    actions.start(actor, import_id, State.CHECKING)
    return redirect(url_for(".show", import_id=import_id), 303)


@blueprint.get("/<uuid:import_id>")
@requires(Permission.ADMINISTER)
def show(import_id: UUID) -> str | BaseResponse:
    """Show how far the work is, what the dry run says, or what was done."""
    found = queries.opened(signed_in(), import_id)
    if found.state == State.MATCHING and not found.failure:
        return redirect(url_for(".columns", import_id=import_id))
    lines = report.lines_from_json(found.lines)
    counts = {verdict: sum(line.verdict is verdict for line in lines) for verdict in Verdict}
    asked = request.args.get("verdict", "")
    first = Verdict.REFUSED if counts[Verdict.REFUSED] and asked != "all" else None
    shown = Verdict(asked) if asked in list(Verdict) else first
    chosen = [line for line in lines if shown is None or line.verdict is shown]
    paging = Paging(page_asked(request.args.get("page", type=int)), PAGE)
    return render_template(
        "sheets/show.html", found=found, counts=counts, shown=shown, lines=chosen[paging.part],
        total=len(chosen), page=paging.page, pages=paging.pages(len(chosen)), said=report.said_of,
        verdicts=list(Verdict), parts=layout.from_json(found.layout).used(), is_at_work=queries.is_at_work(found),
        is_dead=actions.is_dead(found, clock.now()), failure=CATALOGUE.get(found.failure),
    )  # fmt: skip


@blueprint.post("/<uuid:import_id>/<any(check,do):step>")
@requires(Permission.ADMINISTER)
def begin(import_id: UUID, step: str) -> BaseResponse:
    """Look at the file again, or do what the dry run said."""
    actor = signed_in()
    found = queries.opened(actor, import_id)
    if step == "do" and any(line.verdict is Verdict.REFUSED for line in report.lines_from_json(found.lines)):
        raise Problem("sheet_busy")
    actions.start(actor, import_id, State.WRITING if step == "do" else State.CHECKING)
    return redirect(url_for(".show", import_id=import_id), 303)


@blueprint.get("/<uuid:import_id>/report.xlsx")
@requires(Permission.ADMINISTER)
def give_report(import_id: UUID) -> Response:
    """Give the rows with what becomes, or became, of each."""
    found = queries.opened(signed_in(), import_id)
    if found.state not in (State.CHECKED, State.DONE):
        raise Problem("not_found")
    content = found.content
    if found.state == State.CHECKED:
        chosen = layout.from_json(found.layout)
        content = report.report(chosen.used(), files.read(content), report.lines_from_json(found.lines))
    name = re.sub(r"\.\w{1,5}$", "", found.file_name) or "bang-tinh"
    return handed_out(content, f"{name} - {_('kết quả')}.xlsx")


@blueprint.post("/<uuid:import_id>/discard")
@requires(Permission.ADMINISTER)
def discard(import_id: UUID) -> BaseResponse:
    """Forget a file."""
    actions.discard(signed_in(), import_id)
    flash(_("Đã xóa tệp khỏi máy chủ."), "good")
    return redirect(url_for(".page"), 303)


def _page(failure: str = "") -> str:
    return render_template(
        "sheets/page.html", failure=CATALOGUE.get(failure), files=queries.mine(signed_in()), kinds=list(Kind),
        most=files.MOST_ROWS,
    )  # fmt: skip


def _columns(
    found: SheetImport,
    chosen: Layout,
    form: forms.DefaultsForm | None = None,
    wrong: dict[int, list[str]] | None = None,
) -> str:
    if form is None:
        kept = {"day": chosen.day, "basis": chosen.basis, "person_kind": chosen.person_kind}
        form = forms.DefaultsForm(data=kept)
        form.offer()
    tiers = queries.tiers(signed_in())
    return render_template(
        "sheets/columns.html", found=found, layout=chosen, form=form, wrong=wrong or {}, kinds=forms.kind_choices(),
        choices={kind.value: forms.column_choices(kind, tiers) for kind in Kind}, left_out=forms.LEFT_OUT,
        offered=forms.offered,
    )  # fmt: skip


def _chosen(found: SheetImport, tiers: list[Tier]) -> tuple[Layout, dict[int, list[str]], bool]:
    """Return what was chosen of each sheet; where kind or header row changed, its columns are guessed anew."""
    kept = layout.from_json(found.layout)
    parts: list[Part] = []
    twice: dict[int, list[str]] = {}
    is_new = False
    read: list[files.Sheet] = []
    for part in kept.parts:
        kind, header = forms.chosen_kind(request.form, part.sheet), forms.chosen_header(request.form, part)
        if kind and (kind, header) != (part.kind, part.header):
            read = read or files.read(found.content, most_rows=60)
            part = read_headers(part.sheet, part.title, read[part.sheet].rows, tiers, kind, header or None)  # noqa: PLW2901 - read anew
        part.kind = kind
        # What the columns on the page were offered for stands beside them; for anything else they say nothing.
        if kind and request.form.get(f"offered-{part.sheet}") != forms.offered(part):
            is_new = True
        else:
            part.columns, twice[part.sheet] = forms.chosen_columns(request.form, part, tiers)
        parts.append(part)
    return Layout(kept.day, parts, kept.person_kind, kept.basis), twice, is_new

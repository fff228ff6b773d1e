"""What a file would change: each row judged against what there is, nothing written. Pure.

The plan is made twice: for the dry run, and again inside the transaction that carries it out; both must say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from webapp.fields import N_
from webapp.sheets.assignment_rows import AssignmentRows
from webapp.sheets.columns import Kind
from webapp.sheets.count_rows import CountRows
from webapp.sheets.faults import Fault
from webapp.sheets.known import Known
from webapp.sheets.person_rows import PersonRows
from webapp.sheets.planned import Defaults, Line, Plan, Row, Says, Sheet, Standing, Verdict
from webapp.sheets.row_reader import RowReader
from webapp.sheets.unit_rows import UnitRows

NOT_DATA: Final = N_("Không phải dòng dữ liệu.")

SAME: Final = N_("Đã có đúng như vậy.")


def plan(
    standing: Standing, sheets: Sequence[Sheet], defaults: Defaults, new_id: Callable[[], UUID],
    told: Callable[[int], object] = lambda _: None,
) -> Plan:  # fmt: skip
    """Judge every row; `told` hears how many are judged."""
    known = Known(standing, defaults, new_id)
    counts = CountRows(known)
    units = UnitRows(known, counts)
    judges: dict[Kind, Callable[[RowReader], tuple[str, Says]]] = {
        Kind.UNITS: units.judge,  # first, for the rest speaks of them; whatever the order of the sheets
        Kind.PEOPLE: PersonRows(known).judge,
        Kind.COUNTS: counts.judge,
        Kind.ASSIGNMENTS: AssignmentRows(known).judge,
    }
    lines = known.plan.lines
    for kind, judge in judges.items():
        rows = [
            RowReader(row, sheet, _where(row, sheet, sheets), standing.day)
            for sheet in sheets
            if sheet.kind is kind
            for row in sheet.rows
        ]
        if kind is Kind.UNITS:  # what is above before what is below it, whatever the order in the file
            rows.sort(key=units.depth)
        for row in rows:
            lines.append(_line(row, judge))
            told(len(lines))
    lines += [
        Line(sheet.part, row, Verdict.SKIPPED, "", ((NOT_DATA, {}),))
        for sheet in sheets
        for row in sheet.skipped
    ]
    lines.sort(key=lambda line: line[:2])
    return known.plan


def _where(row: Row, sheet: Sheet, sheets: Sequence[Sheet]) -> str:
    """Say where a row stands, for other rows to point at it."""
    return str(row.number) if len(sheets) == 1 else f"{row.number} ({sheet.title})"


def _line(row: RowReader, judge: Callable[[RowReader], tuple[str, Says]]) -> Line:
    """Judge a row, and say what becomes of it."""
    part, number = row.row.part, row.row.number
    try:
        what, says = judge(row)
    except Fault as fault:
        return Line(part, number, Verdict.REFUSED, row.called(), (("", fault.said),), fault.code)
    found = [verdict for verdict, _, _ in says]
    verdict = next((one for one in (Verdict.CREATED, Verdict.CHANGED) if one in found), Verdict.UNCHANGED)
    messages = tuple((message, said) for _, message, said in says) or ((SAME, {}),)
    return Line(part, number, verdict, what, messages)

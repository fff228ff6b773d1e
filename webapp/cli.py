"""The `gandan` command."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import Flask

from webapp import __version__, clock, create_app
from webapp.accounts.actions import revoke_devices, set_password
from webapp.ops.actions import prepare_database
from webapp.ops.serving import serve_forever

if TYPE_CHECKING:
    from webapp.reports.queries import MonthReport, Row

Day = click.DateTime(["%Y-%m-%d"])
Month = click.DateTime(["%Y-%m"])


@click.group()
@click.version_option(__version__, prog_name="gandan")
def main() -> None:
    """Gần Dân: the field notebook of grassroots cadres."""


@main.command()
def init() -> None:
    """Make the database, or bring it up to date."""
    app = create_app()
    with app.app_context():
        prepare_database()
    click.echo("The database is ready.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--threads", default=8, show_default=True, help="Requests answered at once by each process.")
@click.option("--workers", default=1, show_default=True, help="Processes sharing the port (not on Windows).")
@click.option("--today", type=Day, hidden=True, help="Pretend it is this day (demonstrations and tests).")
def serve(host: str, port: int, threads: int, workers: int, today: datetime | None) -> None:
    """Serve the application."""
    if today:
        clock.pretend_today(today.date())
    serve_forever(create_app(), host=host, port=port, threads=threads, workers=workers)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--today", type=Day, help="Pretend it is this day.")
@click.option(
    "--scenario",
    type=click.Choice(["district", "reform", "commune"]),
    default="district",
    show_default=True,
    help="The district as it is; July 2025: districts ended, communes merged; or one commune alone.",
)
@click.option("--seed", default=2022, show_default=True)
@click.option("--fill-only", is_flag=True, help="Fill the database and stop.")
def demo(host: str, port: int, today: datetime | None, scenario: str, seed: int, *, fill_only: bool) -> None:
    """Make a demonstration district as large as a real one, and serve it."""
    from webapp.demo.actions import demonstrate  # noqa: PLC0415 - only this command needs it
    from webapp.demo.district import COMMUNE, FULL  # noqa: PLC0415
    from webapp.demo.reform import EARLIER, TODAY, reform  # noqa: PLC0415
    from webapp.ops.queries import is_demonstration  # noqa: PLC0415

    is_reform = scenario == "reform"
    day: date | None = today.date() if today else TODAY if is_reform else None
    if day:
        clock.pretend_today(day)
    app = create_app()
    with app.app_context():
        prepare_database()
        is_new = not is_demonstration()
        scale = COMMUNE if scenario == "commune" else FULL
        demonstrate(clock.today(), seed=seed, scale=scale, earlier=EARLIER if is_reform else ())
        if is_reform and is_new:
            click.echo(f"{reform()} changes of the tree on 1 July 2025.")
    if fill_only:
        return
    click.echo(f"Open http://{host}:{port}/ and choose one of the people. Stop with Ctrl+C.")
    serve_forever(app, host=host, port=port, threads=8, workers=1)


@main.group()
def user() -> None:
    """Look after accounts."""


@user.command("password")
@click.argument("code")
@click.password_option(help="Asked for when not given.")
def user_password(code: str, password: str) -> None:
    """Give the account CODE a new password."""
    app: Flask = create_app()
    with app.app_context():
        if not set_password(code, password):
            raise click.ClickException(
                f"There is no account {code!r}, or the password is shorter than 8 characters."
            )
    click.echo("The password is set.")


@user.command("administrator")
@click.argument("name")
@click.argument("code")
@click.option("--unit", help="Official code of the unit; by default the one at the top of the tree.")
def user_administrator(name: str, code: str, unit: str | None) -> None:
    """Make NAME the administrator, who signs in as CODE, and print their activation code."""
    from webapp.people.actions import TakenError, make_administrator  # noqa: PLC0415 - needs an app
    from webapp.places.queries import with_code_or_top  # noqa: PLC0415

    app: Flask = create_app()
    with app.app_context():
        found = with_code_or_top(unit, clock.today())
        if len(found) != 1:
            raise click.ClickException(
                f"{len(found)} units stand at the top or have this code; name one with --unit."
                if found
                else "There is no such unit yet: take in the units first (gandan import units)."
            )
        place = found[0].name
        try:
            slip = make_administrator(name, code, found[0].unit_id)
        except TakenError as taken:
            raise click.ClickException(f"Somebody has the code {code!r} already.") from taken
    click.echo(f"{name} administers {place}. Activation code, good once: {slip.code}, at /activate.")


@user.command("revoke")
@click.argument("code")
def user_revoke(code: str) -> None:
    """Revoke every phone and browser the account CODE is signed in on, as after a loss."""
    app: Flask = create_app()
    with app.app_context():
        count = revoke_devices(code)
    click.echo(f"{count} devices revoked. What they still hold may be sent, and waits for a reviewer.")


@main.group("import")
def import_() -> None:
    """Take in lists."""


@import_.command("units")
@click.option("--preset", type=click.Choice(["before-2022", "before-2025", "after-2025"]), required=True)
@click.option("--since", type=Day, help="The day from which the units count; by default that of the list.")
def import_units(preset: str, since: datetime | None) -> None:
    """Take in the country's provinces, districts and communes; after-2025 goes on from before-2025."""
    from webapp.places.country import import_units as take_in  # noqa: PLC0415 - needs an app
    from webapp.places.country import unreviewed  # noqa: PLC0415
    from webapp.places.dated import Refused  # noqa: PLC0415

    app = create_app()
    with app.app_context():
        prepare_database()
        try:
            count = take_in(preset, since.date() if since else None)
        except Refused as refused:
            raise click.ClickException(str(refused)) from refused
    click.echo(
        f"{count} units made or changed." if count else "This list was taken in before; nothing changed."
    )
    if count and preset == "after-2025" and (open_ends := unreviewed()):
        click.echo(
            f"Of {len(open_ends)} communes nobody has confirmed what they went into (their province keeps"
        )
        click.echo(f"their records, if they were there): {', '.join(open_ends)}.")


@import_.command("sheet")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kind", type=click.Choice(["units", "people", "counts", "assignments"]), help="By default guessed."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--basis", default="", help="The decision or letter the list came with.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rows with their results here.",
)
def import_sheet(file: Path, kind: str | None, basis: str, report: Path | None, *, dry_run: bool) -> None:
    """Take in a spreadsheet (xlsx or CSV) of units, people, household counts or assignments: all of it or nothing."""
    from webapp.errors import CATALOGUE  # noqa: PLC0415 - needs an app
    from webapp.sheets.actions import take_in_at_once  # noqa: PLC0415
    from webapp.sheets.columns import Kind  # noqa: PLC0415
    from webapp.sheets.files import UnusableSheetError  # noqa: PLC0415
    from webapp.sheets.planned import Verdict  # noqa: PLC0415
    from webapp.sheets.report import said_of  # noqa: PLC0415

    app = create_app()
    with app.app_context():
        prepare_database()
        try:
            plan, written = take_in_at_once(
                file.read_bytes(), Kind(kind) if kind else None, basis, dry_run=dry_run
            )
        except UnusableSheetError as unusable:
            failure = CATALOGUE[unusable.code]
            raise click.ClickException(f"{failure.message} {failure.action}") from unusable
        for line in plan.lines:
            if line.verdict is Verdict.REFUSED or (dry_run and line.verdict is not Verdict.UNCHANGED):
                click.echo(
                    f"{line.row:>6}  {line.verdict.label:<16} {line.what}: {' '.join(said_of(line)).strip()}"
                )
    if report:
        report.write_bytes(written)
    for verdict in Verdict:
        click.echo(f"{plan.counts[verdict]:>6}  {verdict.label}")
    if plan.counts[Verdict.REFUSED]:
        raise click.ClickException("Some rows are refused; nothing was taken in.")


@import_.command("sweep")
def import_sweep() -> None:
    """Forget spreadsheets that were handed in at the desk and that nobody came back for."""
    from webapp.sheets.actions import sweep  # noqa: PLC0415 - needs an app

    app = create_app()
    with app.app_context():
        click.echo(f"{sweep()} removed.")


@main.group()
def places() -> None:
    """Look after the tree of places."""


@places.command("reform")
@click.option(
    "--as-of", type=Day, default="2025-07-01", show_default=True, help="The first day of the new tree."
)
def places_reform(as_of: datetime) -> None:
    """Take the demonstration from districts to communes below the province, reviewed by area."""
    from webapp.demo.reform import reform  # noqa: PLC0415 - only this command needs it

    app = create_app()
    with app.app_context():
        click.echo(f"{reform(as_of.date())} changes of the tree on {as_of.date():%d/%m/%Y}.")


@places.command("report")
@click.option("--month", type=Month, required=True, help="For example 2022-03.")
@click.option("--tree-of", type=Day, help="Count on the tree of this day; by default that of the month.")
def places_report(month: datetime, tree_of: datetime | None) -> None:
    """Say who met in a month and how many came, on the tree of that month or of another day."""
    from webapp.places.queries import types  # noqa: PLC0415 - needs an app
    from webapp.reports.queries import month_report  # noqa: PLC0415

    app = create_app()
    with app.app_context():
        report = month_report(None, month.date(), tree_of.date() if tree_of else None)
        labels = {code: kind.label for code, kind in types().items()}
        _print_report(report, ", ".join(labels[code] for code in report.line_types))


def _print_report(report: MonthReport, tier: str) -> None:
    def line(row: Row, name: str) -> str:
        rate = f"{row.rate:.1%}" if row.rate is not None else "–"
        numbers = (row.groups, row.met, row.not_held, row.silent, row.households, row.came, row.expected)
        return f"{name:<28}" + "".join(f"{number:>10}" for number in numbers) + f"{rate:>9}"

    click.echo(f"Month {report.month:%m/%Y}, on the tree of {report.tree_of:%d/%m/%Y}")
    heads = ("groups", "met", "not held", "silent", "households", "came", "of")
    click.echo(f"{tier:<28}" + "".join(f"{head:>10}" for head in heads) + f"{'share':>9}")
    for row in report.rows:
        click.echo(line(row, row.name))
    click.echo(line(report.total, "Total"))


@places.command("table")
@click.option("--on", type=Day, help="By default today.")
def places_table(on: datetime | None) -> None:
    """Say how many people follow how many places, role by role."""
    from webapp.accounts.queries import who_follows_what  # noqa: PLC0415 - needs an app
    from webapp.people.rules import KINDS  # noqa: PLC0415

    app = create_app()
    with app.app_context():
        for row in who_follows_what(on.date() if on else clock.today()):
            click.echo(f"{row.people:>6}  {row.role:<28} {row.covered:>6} / {row.places:<6} {row.tier}")
            if len(row.kinds) > 1:
                for code, label in KINDS:
                    if code in row.kinds:
                        click.echo(f"{'':>8}of them {row.kinds[code]:>5}  {label}")


@places.command("label")
@click.argument("code")
@click.argument("label")
@click.argument("label_en")
def places_label(code: str, label: str, label_en: str) -> None:
    """Call the type of unit CODE by the name it has here: `gandan places label hamlet Thôn Village`."""
    from webapp.errors import Problem  # noqa: PLC0415 - needs an app
    from webapp.places.unit_types import name_types  # noqa: PLC0415

    app = create_app()
    with app.app_context():
        try:
            name_types(None, {code: (label, label_en)})
        except Problem as problem:
            raise click.ClickException(f"There is no type of unit {code!r}.") from problem


@main.group()
def media() -> None:
    """Look after photos."""


@media.command("sweep")
def media_sweep() -> None:
    """Throw away uploads that nobody finishes and photos that no entry refers to."""
    from webapp.media.actions import sweep  # noqa: PLC0415 - needs an app

    app = create_app()
    with app.app_context():
        click.echo(f"{sweep()} removed.")


@main.command()
@click.argument("day", type=Day)
@click.argument("basis")
@click.option("--worked/--off", default=False, help="A day offices work, or (the default) one they do not.")
def workday(day: datetime, basis: str, *, worked: bool) -> None:
    """Say, on the BASIS of a decree, that DAY is a holiday or is worked; deadlines that run are counted anew."""
    from webapp.petitions.actions import recount  # noqa: PLC0415 - needs an app
    from webapp.workdays.actions import decree  # noqa: PLC0415

    app = create_app()
    with app.app_context():
        decree(day.date(), basis, is_worked=worked)
        recount()
    click.echo(f"{day.date()} is {'a working day' if worked else 'a day off'}: {basis}")


@main.command("rescue-key")
@click.option("--renew", is_flag=True, help="Make a new key; files for the older ones still open.")
def rescue_key(*, renew: bool) -> None:
    """Say which key phones seal rescue files for."""
    from webapp.rescue import keys, rules  # noqa: PLC0415 - only this command needs it

    folder = Path(create_app().instance_path)
    kid = keys.renew(folder) if renew else rules.kid_of(keys.current_key(folder).public_key())
    click.echo(f"Phones seal for the key {kid}.")


@main.command()
def doctor() -> None:
    """Say what is right and wrong with this installation."""
    from webapp.ops.queries import is_demonstration, pending_migrations  # noqa: PLC0415 - needs an app

    app = create_app()
    with app.app_context():
        pending = pending_migrations()
        click.echo(f"data folder     {Path(app.instance_path)}")
        click.echo(f"migrations      {'pending: run `gandan init`' if pending else 'up to date'}")
        if not pending:
            click.echo(f"demonstration   {'yes' if is_demonstration() else 'no'}")
        click.echo(f"public address  {app.config['PUBLIC_URL'] or 'not set: phones need https, see README'}")
    if pending:
        raise SystemExit(1)

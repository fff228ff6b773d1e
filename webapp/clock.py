"""The one place that asks what time it is, so that a demonstration or a test can say it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""The country has one time zone; dates on screens are dates there."""

_shift = timedelta(0)


def now() -> datetime:
    """Return the present moment, aware, in UTC, cut to milliseconds (what travels)."""
    moment = datetime.now(UTC) + _shift
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def today() -> date:
    """Return the date in the country's time zone."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """Express an aware moment in the country's time zone."""
    return moment.astimezone(LOCAL_ZONE)


def pretend_today(day: date | None) -> None:
    """Shift this process's clock by whole days so that today is `day`; None ends the pretence."""
    global _shift  # noqa: PLW0603 - one clock per process is the point
    _shift = timedelta(0)
    if day is not None:
        _shift = timedelta(days=(day - today()).days)


def iso(moment: datetime) -> str:
    """Write an aware moment as it travels: ISO 8601, UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

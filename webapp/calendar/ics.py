"""The public calendar as a file that any calendar opens (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event

from webapp.calendar.published import PublicMeeting


def as_file(
    name: str, address: str, host: str, meetings: Iterable[PublicMeeting], words: dict[str, str]
) -> bytes:
    """Write public meetings as iCalendar; `words` name the kinds of meetings, `host` makes their ids unique."""
    calendar = Calendar()
    calendar.add("prodid", f"-//Gan Dan//{host}//VI")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for one in meetings:
        event = Event()
        event.add("uid", f"{one.item.id}@{host}")
        event.add("dtstamp", one.changed_at)
        event.add("sequence", one.changes)
        event.add("dtstart", one.item.starts_at)
        event.add("dtend", one.item.starts_at + timedelta(minutes=one.item.minutes))
        event.add("summary", f"{words[one.item.meeting_type.value]}: {one.where}")
        if one.item.place:
            event.add("location", one.item.place)
        if one.roles:
            event.add("description", ", ".join(role for role, _ in one.roles))
        event.add("url", address)
        event.add("status", "CANCELLED" if one.is_cancelled else "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())

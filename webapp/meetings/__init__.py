"""Meetings: what an officer records of a group's monthly meeting."""

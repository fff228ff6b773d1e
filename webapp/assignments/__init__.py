"""Assignments: who follows what, in which role, since when."""

"""Audit: who did what and when, appended in the transaction of the deed."""

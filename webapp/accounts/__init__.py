"""Accounts: people, roles, sign-in and devices."""

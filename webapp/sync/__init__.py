"""Sync: push, pull and receipts. It knows no domain: capabilities register their record kinds."""

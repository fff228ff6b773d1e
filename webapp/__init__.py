"""Gần Dân: the field notebook of grassroots cadres."""

"""Petitions: what a group asks for, from raised to answered."""

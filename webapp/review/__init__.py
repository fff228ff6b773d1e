"""Review: accept an entry, return it with remarks, comment."""

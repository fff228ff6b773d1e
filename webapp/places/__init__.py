"""Places: the tree of units as dated data."""

"""Cases of the real-browser matrix of their own kind, by what they are about."""

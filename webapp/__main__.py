"""`python -m webapp` is `gandan`."""

from webapp.cli import main

main()

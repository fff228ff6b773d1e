"""Serve the bare page: `python -m tests.benchmarks.bare --port 8001`."""

from __future__ import annotations

import argparse
import logging

from waitress import serve

from tests.benchmarks.bare import create_app

if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, required=True)
    chosen = options.parse_args()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    serve(create_app(), host=chosen.host, port=chosen.port, threads=4)

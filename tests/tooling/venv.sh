#!/bin/sh
# Make or refresh .venv from a hashed lock: sh tests/tooling/venv.sh <lock> [exactly]
# With `exactly`, what the lock does not name is taken out again (where uv does the work).
# Set PYTHON to choose an interpreter; uv is used where it is on PATH, otherwise pip.
set -eu

lock=$1
mode=${2:-}
venv=.venv
python=$venv/bin/python

is_new_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if is_new_enough "$name"; then
      command -v "$name"
      return
    fi
  done
}

has_uv=no
if uv --version >/dev/null 2>&1; then has_uv=yes; fi

if ! is_new_enough "$python"; then
  rm -rf "$venv"
  base=$(find_python)
  if [ "$has_uv" = yes ]; then
    uv venv --quiet --python "${base:->=3.11}" "$venv"
  elif [ -z "$base" ]; then
    echo "Python 3.11 or newer is needed. Install it, or name one: make PYTHON=/path/to/python3" >&2
    exit 1
  elif ! "$base" -m venv "$venv"; then
    rm -rf "$venv"
    echo "The environment could not be made. On Debian or Ubuntu, run: apt-get install python3-venv" >&2
    exit 1
  fi
fi

if [ "$has_uv" = yes ] && [ "$mode" = exactly ]; then
  uv pip sync --quiet --python "$python" --require-hashes "$lock"
elif [ "$has_uv" = yes ]; then
  uv pip install --quiet --python "$python" --require-hashes --requirement "$lock"
else
  "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null
  "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
fi

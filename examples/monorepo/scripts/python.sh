#!/bin/sh
# Runs Python from this checkout's own .venv when there is one; $PYTHON overrides.
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
if [ -z "$PYTHON" ] && [ -x "$root/.venv/bin/python" ]; then
  PYTHON="$root/.venv/bin/python"
fi
exec "${PYTHON:-python3}" "$@"

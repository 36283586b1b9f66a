"""A hook handler for tests: writes down what the client gave it, and answers as it was told to.

argv: the folder, then anything. `replies.json` in the folder is a list of {event, tool?, contains?, exit?, stdout?,
stderr?}; the first that fits is the answer, none that fits is silence. Standard library only, run by its own path.
"""

import json
import os
import sys
import time
from pathlib import Path


def main() -> int:
    folder, raw = Path(sys.argv[1]), sys.stdin.read()
    payload = json.loads(raw)
    event, tool = payload["hook_event_name"], payload.get("tool_name", "")
    seen = {"argv": sys.argv[2:], "cwd": str(Path.cwd()), "env": dict(os.environ), "payload": payload}
    name = f"{time.time_ns():020d}-{os.getpid()}"
    unfinished = folder / f"{name}.part"
    unfinished.write_text(json.dumps(seen))
    unfinished.rename(folder / f"{name}.json")
    for reply in json.loads((folder / "replies.json").read_text()):
        fits = reply["event"] == event and reply.get("tool", tool) == tool and reply.get("contains", "") in raw
        if fits:
            sys.stdout.write(reply.get("stdout", ""))
            sys.stderr.write(reply.get("stderr", ""))
            return reply.get("exit", 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())

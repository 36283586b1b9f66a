"""`python -m lanewise.daemon STATE`: what hooks and `lanewise up` start."""

import sys

from lanewise.daemon.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

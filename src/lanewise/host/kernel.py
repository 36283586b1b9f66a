"""Which kernel this is: asked of it, not of `sys.platform`, so that the type checker reads both branches."""

import os

LINUX = os.uname().sysname == "Linux"

"""Effects: what must be done to the host so that it becomes what the settings say, as values that can be printed
first.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AddWorktree:
    """Make a lane's worktree, on a new or an existing branch."""

    lane: str
    path: str
    branch: str
    #: Commit to start a new branch from; empty when the branch exists.
    start: str

    def __str__(self) -> str:
        """As a dry run shows it."""
        how = f"new branch {self.branch} from {self.start}" if self.start else f"branch {self.branch}"
        return f"make worktree {self.path} on {how}"


@dataclass(frozen=True, slots=True)
class CompleteWorktree:
    """Finish a worktree whose making was cut off; what differs is kept aside first."""

    lane: str
    path: str
    branch: str

    def __str__(self) -> str:
        """As a dry run shows it."""
        return f"complete worktree {self.path}, whose making was cut off"


@dataclass(frozen=True, slots=True)
class NotePlace:
    """Record where a lane's worktree is."""

    lane: str
    worktree: str
    branch: str
    state: str

    def __str__(self) -> str:
        """As a dry run shows it."""
        return f"record lane {self.lane} as {self.state}"


@dataclass(frozen=True, slots=True)
class CopyFile:
    """Carry an ignored file of the main worktree into a lane."""

    source: str
    target: str

    def __str__(self) -> str:
        """As a dry run shows it."""
        return f"copy {self.source} to {self.target}"


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Give a file this text."""

    path: str
    #: Empty takes the file away. Bytes where the file is somebody's and need be no text.
    text: str | bytes
    why: str
    #: Of a new file: one that is there keeps its own.
    mode: int = 0o600

    def __str__(self) -> str:
        """As a dry run shows it."""
        return f"write {self.path} ({self.why})"


@dataclass(frozen=True, slots=True)
class InstallHook:
    """Put the hook client where every worktree's handlers look for it."""

    source: str
    target: str

    def __str__(self) -> str:
        """As a dry run shows it."""
        return f"install the hook client at {self.target}"


@dataclass(frozen=True, slots=True)
class SetUpstream:
    """Preset where a lane's branch pushes to, so that `push -u` need not write the configuration."""

    branch: str
    remote: str

    def __str__(self) -> str:
        """As a dry run shows it."""
        return f"set the upstream of {self.branch} to {self.remote}"


@dataclass(frozen=True, slots=True)
class RunSetup:
    """Run one trusted set-up command in a lane."""

    lane: str
    cwd: str
    command: str
    #: Hash of the command: remembered when it is done.
    digest: str
    env: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """As a dry run shows it."""
        return f"run in {self.cwd}: {self.command}"


@dataclass(frozen=True, slots=True)
class StartDaemon:
    """Start the repository's daemon."""

    def __str__(self) -> str:
        """As a dry run shows it."""
        return "start the daemon"


Effect = (
    AddWorktree
    | CompleteWorktree
    | NotePlace
    | CopyFile
    | WriteFile
    | InstallHook
    | SetUpstream
    | RunSetup
    | StartDaemon
)

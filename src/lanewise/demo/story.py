"""What happens in the demo and in which order; it believes nothing, and ends at the first thing that is not as told.

Two agents act at the same time; they wait for each other at the end of each chapter, and nowhere sleep.
"""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from lanewise.demo import script
from lanewise.demo.actors import PATIENCE, Answer, Change
from lanewise.errors import Trouble
from lanewise.git.run import run_git
from lanewise.host import files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lanewise.demo.actors import Actor
    from lanewise.demo.ledger import Ledger
    from lanewise.demo.stage import Stage
    from lanewise.demo.timeline import Timeline

#: What a rule's refusal is called in the timeline.
_SAID = {"domain": "another lane's path", "git": "all lanes share it", "halt": "and the turn is over"}
#: What the hook client says when it got no judgement in time; on a busy machine that may happen.
_UNJUDGED = "lanewise could not check this edit"
#: Seconds to wait for the daemon's look at the worktrees, which is every third.
_A_LOOK = 6.0


class NotAsTold(Trouble):
    """Something in the demo was not as told."""


class Story:
    """Two agents, a human, and the checks of all that they see."""

    def __init__(self, stage: Stage, ledger: Ledger, timeline: Timeline, actors: Mapping[str, Actor]) -> None:
        """Nothing has happened yet."""
        self._stage = stage
        self._ledger = ledger
        self._timeline = timeline
        self._actors = actors
        self._step = "the start"
        self._over = threading.Event()
        #: Every edit that was let through, by lane.
        self.edits: dict[str, list[Change]] = {lane: [] for lane in actors}
        self.loser = ""

    def tell(self) -> None:
        """All of it. Raises Trouble at the first thing that is not as told."""
        chapters = (self._set_up, self._begin, self._race, self._reach_over, self._halt, self._commit, self._merge)
        for number, (chapter, (text, moral)) in enumerate(zip(chapters, script.CHAPTERS, strict=True), start=1):
            self._step = f"part {number}, {text!r}"
            self._timeline.chapter(number, text, moral)
            chapter()

    def _set_up(self) -> None:
        self._human("init")
        self._human("up")
        for lane in script.LANES:
            self._require(os.path.isdir(self._stage.worktree(lane)), f"lane {lane} has no worktree")

    def _begin(self) -> None:
        def work(lane: str) -> None:
            task = script.TASKS[lane]
            told = self._actors[lane].start(task)
            self._require(f"you work in lane {lane}" in told, f"the {lane} agent was not told its lane")
            self._timeline.show(lane, f'start on "{task}"', "done", told=_in_short(told))
            for change in script.FIRST[lane]:
                self._edit(lane, change)

        self._both(work)

    def _race(self) -> None:
        line = threading.Barrier(len(script.LANES))
        answers: dict[str, Answer] = {}

        def work(lane: str) -> None:
            line.wait(PATIENCE)
            answers[lane] = self._edit(lane, script.NEWS[lane], rule=None)

        self._both(work)
        losers = [lane for lane in script.LANES if not answers[lane].ok]
        self._require(len(losers) == 1, f"CHANGELOG.md was given to {2 - len(losers)} of two agents")
        self.loser = losers[0]
        winner = next(lane for lane in script.LANES if lane != self.loser)
        text = answers[self.loser].text
        self._require(
            f"held by lane {winner}" in text and " left" in text and "Next:" in text,
            "the refusal does not say who holds CHANGELOG.md, for how long, and what to do",
        )
        self._edit(self.loser, script.INSTEAD[self.loser])

    def _reach_over(self) -> None:
        def work(lane: str) -> None:
            if lane == "backend":
                self._edit(lane, script.MEANWHILE)
                return
            self._edit(lane, script.FOREIGN, rule="domain")
            before = self._read(lane, script.FOREIGN.path)
            self._shell(lane, script.REDIRECT, rule="domain")
            self._require(self._read(lane, script.FOREIGN.path) == before, "the redirect wrote into the other lane")
            self._shell(lane, script.STASH, rule="git")
            stashes = run_git(self._stage.root, "stash", "list")
            self._require(not stashes, "something was stashed")

        self._both(work)

    def _halt(self) -> None:
        self._human("halt", "--reason", script.REASON)
        self._both(lambda lane: self._edit(lane, script.HALTED[lane], rule="halt"))
        done = self._stage.run_lanewise("resume", env=self._actors["frontend"].identity)
        self._require(done.status == 3, f"an agent's `lanewise resume` ended with status {done.status}, not with 3")
        self._timeline.show(
            "frontend", "$ lanewise resume", "refused", "humans only", told=" ".join(done.stderr.split())
        )
        self._human("resume")

        def work(lane: str) -> None:
            self._actors[lane].resume(f"go on: {script.TASKS[lane]}")
            self._timeline.show(lane, "go on in the same session", "done")
            self._edit(lane, script.HALTED[lane])

        self._both(work)

    def _commit(self) -> None:
        self._both(lambda lane: self._commit_all(lane, script.COMMITS[lane]))
        self._edit(self.loser, script.NEWS[self.loser])
        self._commit_all(self.loser, script.LATE_COMMIT)
        self._see_overlap()

    def _merge(self) -> None:
        for change in script.HUMANS:
            path = os.path.join(self._stage.root, change.path)
            files.write_whole(path, (files.find_text(path) or "").replace(change.old, change.new, 1).encode(), 0o644)
        run_git(self._stage.root, "add", "-A")
        run_git(self._stage.root, "commit", "-q", "-m", script.HUMANS_COMMIT)
        names = ("lanewise.toml", *(change.path for change in script.HUMANS))
        self._timeline.show("human", f"commit {len(names)} files on main", "done", "none is frontend's own")
        self._shell("frontend", "git merge --no-edit main")
        for change in script.HUMANS:
            self._require(change.new in self._read("frontend", change.path), f"the merge brought no {change.path}")

    def _edit(self, lane: str, change: Change, rule: str | None = "") -> Answer:
        """One edit, by the rule that should refuse it; none should when it is empty, and None knows no better."""
        before = self._read(lane, change.path)
        mark = self._ledger.mark()
        what = f"{'edit' if change.old else 'write'} {change.path}"
        answer = self._try(lane, what, lambda: self._actors[lane].edit(change))
        if answer.ok:
            token = self._ledger.token(lane, change.path)
            self._require(rule in {"", None}, f"lane {lane} was let {what}")
            self._require(token is not None, f"lane {lane} could {what} without a lease")
            self._require(
                change.new in self._read(lane, change.path), f"lane {lane} was let {what}, and the change is not there"
            )
            self.edits[lane].append(change)
            self._timeline.show(lane, what, "leased", f"token {token}")
            return answer
        answer = self._refused(lane, what, answer, "lease" if rule is None else rule, mark)
        self._require(self._read(lane, change.path) == before, f"{change.path} changed in lane {lane} though refused")
        return answer

    def _shell(self, lane: str, command: str, rule: str = "") -> Answer:
        mark = self._ledger.mark()
        answer = self._try(lane, f"$ {command}", lambda: self._actors[lane].run_shell(command))
        if not answer.ok:
            return self._refused(lane, f"$ {command}", answer, rule, mark)
        self._require(not rule, f"lane {lane} was let run `{command}`")
        self._timeline.show(lane, f"$ {command}", "passes", "no lease needed")
        return answer

    def _try(self, lane: str, what: str, call: Callable[[], Answer]) -> Answer:
        """One tool call; a hook that had no time to judge has refused it, and it is tried again, for all to see."""
        self._require(not self._over.is_set(), f"lane {lane} was not let finish")
        for _ in range(2):
            answer = call()
            if answer.ok or _UNJUDGED not in answer.text:
                return answer
            self._timeline.show(lane, what, "refused", "not judged: once more", told=answer.text)
        return call()

    def _refused(self, lane: str, what: str, answer: Answer, rule: str, mark: int) -> Answer:
        """Show a refusal; the log must hold it, with the rule it is told to follow from."""
        mine = [(event, why) for event, why in self._ledger.refusals(mark) if event.lane == lane]
        self._require(bool(mine), f"lane {lane}, {what}: it failed, and lanewise did not refuse it ({answer.text})")
        event, why = mine[-1]
        self._require(why == rule, f"lane {lane}, {what}: refused by the {why} rule, not by {rule or 'none'}")
        self._require(answer.over == (rule == "halt"), f"lane {lane}, {what}: the turn ended, or did not, wrongly")
        told = " ".join((answer.text or event.text).split())
        detail = event.text if why == "lease" else _SAID[why]
        self._timeline.show(lane, what, "stopped" if rule == "halt" else "refused", detail, told=told)
        return Answer(ok=False, text=told, over=answer.over)

    def _commit_all(self, lane: str, message: str) -> None:
        before = self._ledger.held(lane)
        what, command = f'commit "{message}"', f'git add -A && git commit -q -m "{message}"'
        answer = self._try(lane, what, lambda: self._actors[lane].run_shell(command))
        self._require(answer.ok, f"lane {lane} could not commit: {answer.text}")
        after = self._ledger.held(lane)
        self._require(not after, f"lane {lane} still holds {', '.join(after)} after its commit")
        noun = "lease" if len(before) == 1 else "leases"
        self._timeline.show(lane, what, "done", f"{len(before)} {noun} given back")

    def _see_overlap(self) -> None:
        """Lanewise itself sees that the lanes' changelogs now differ, and says so before anybody merges."""
        until = time.monotonic() + _A_LOOK
        pause = threading.Event()
        while script.CHANGELOG not in self._ledger.overlaps():
            if time.monotonic() > until:
                return
            pause.wait(0.05)
        self._timeline.show("lanewise", "see CHANGELOG.md differ between the lanes", "done", "both agents are told")

    def _human(self, *argv: str) -> None:
        done = self._stage.run_lanewise(*argv)
        shown = " ".join(f'"{word}"' if " " in word else word for word in ("lanewise", *argv))
        self._require(done.status == 0, f"`{shown}` ended with status {done.status}: {done.stderr.strip()}")
        self._timeline.show("human", f"$ {shown}", "done", told=done.stdout.strip())

    def _read(self, lane: str, path: str) -> str:
        return files.find_text(os.path.join(self._stage.worktree(lane), path)) or ""

    def _require(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise NotAsTold(f"The demo did not go as told in {self._step}: {otherwise}.", "lanewise demo --keep")

    def _both(self, work: Callable[[str], object]) -> None:
        """Let both agents work at the same time, to the end of both or the first failure."""
        with ThreadPoolExecutor(len(script.LANES), thread_name_prefix="agent") as pool:
            try:
                for done in as_completed([pool.submit(work, lane) for lane in script.LANES]):
                    done.result()
            except BaseException:
                # The other one makes no further call, and is waited for: nothing may happen after the end.
                self._over.set()
                for actor in self._actors.values():
                    actor.end(0)
                raise


def _in_short(briefing: str) -> str:
    """Of what an agent is told at its start: who it is, and what is its own."""
    first, _, rest = briefing.partition(". ")
    domain = next((part for part in rest.split(". ") if part.startswith("Your domain")), "")
    return f"{first}. … {domain}. …"

from __future__ import annotations

import threading

import pytest
from tests.store.saving import acquire, put

from lanewise.core.lease import Lease
from lanewise.core.lessor import Granted
from lanewise.core.rows import Place
from lanewise.errors import StoreUnreadable
from lanewise.store.group import GroupStore


@pytest.fixture
def group(sqlite):
    return GroupStore(sqlite)


def together(count, work):
    """Run `work(number)` in that many threads at once; what they returned or raised."""
    results = [None] * count
    start = threading.Barrier(count)

    def one(number):
        start.wait()
        try:
            results[number] = work(number)
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            results[number] = error

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def commits(sqlite):
    seen = []
    sqlite._db.set_trace_callback(lambda text: seen.append(text) if text == "COMMIT" else None)
    return seen


def test_many_threads_that_want_one_path_give_it_to_one_of_them(group):
    answers = together(16, lambda number: acquire(group, f"lane{number}/s{number}", "src/a.py"))
    assert sum(isinstance(answer, Granted) for answer in answers) == 1
    assert len(group.take(lambda turn: turn.all(Lease))) == 1


def test_every_thread_gets_its_own_answer(group):
    answers = together(16, lambda number: acquire(group, f"lane{number}/s", f"src/{number}.py"))
    assert [answer.leases[0].path for answer in answers] == [f"src/{number}.py" for number in range(16)]
    assert len({answer.leases[0].token for answer in answers}) == 16


def test_turns_that_wait_share_one_commit(group, sqlite):
    inside, go_on = threading.Event(), threading.Event()

    def slow(_turn):
        inside.set()
        assert go_on.wait(20)

    first = threading.Thread(target=group.take, args=(slow,))
    first.start()
    assert inside.wait(20)
    seen = commits(sqlite)
    others = [threading.Thread(target=put, args=(group, Place(str(n), "/w", "b", "ready"))) for n in range(8)]
    for thread in others:
        thread.start()
    while len(group._waiting) < 8:
        threading.Event().wait(0.001)
    go_on.set()
    for thread in [first, *others]:
        thread.join(20)
    assert len(seen) == 2
    sqlite._db.set_trace_callback(None)
    assert len(group.take(lambda turn: turn.all(Place))) == 8


def test_a_failing_turn_fails_its_own_thread_only(group):
    def work(number):
        if number % 2:
            raise_ = lambda _turn: 1 / 0  # noqa: E731 - a turn in one line
            return group.take(raise_)
        return put(group, Place(str(number), "/w", "b", "ready"))

    results = together(8, work)
    assert [isinstance(result, ZeroDivisionError) for result in results] == [False, True] * 4
    assert len(group.take(lambda turn: turn.all(Place))) == 4


def test_when_the_whole_batch_fails_every_thread_is_told(group, sqlite, monkeypatch):
    def refuse(_turns):
        raise StoreUnreadable("no gate")

    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "take_all", refuse)
        results = together(4, lambda _number: group.take(lambda turn: turn.last_event()))
    assert all(isinstance(result, StoreUnreadable) for result in results)
    assert group.take(lambda turn: turn.last_event()) == 0

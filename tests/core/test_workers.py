import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from dermnet_core import telling
from dermnet_core.data.workers import workers
from dermnet_core.errors import DatasetError
from dermnet_core.paths import ROOT

_BIG = 2**24  # bytes: a worker spends most of its time on sending so many, some of them while it is told to stop


def answer(number: int) -> bytes:
    return bytes(_BIG)


def work() -> None:
    with telling.stoppable(), workers(2) as pool:
        for number, _answer in enumerate(pool.map(answer, range(1000))):
            print(number, flush=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT] * 2)
def test_workers_that_are_sending_when_they_are_stopped_do_not_keep_the_command(number: int) -> None:
    process = subprocess.Popen([sys.executable, "-m", __name__], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.05)
    os.kill(process.pid, number)
    try:
        process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 128 + number


def test_a_command_ends_that_is_stopped_before_its_workers_have_begun() -> None:
    process = subprocess.Popen([sys.executable, "-m", __name__], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    time.sleep(0.4)  # long enough for the command, not for the processes that it starts
    os.kill(process.pid, signal.SIGTERM)
    try:
        process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode in (143, -signal.SIGTERM)


def nap(number: int) -> int:
    time.sleep(0.2)
    return number


def naps(number: int) -> None:
    """Let two workers nap a hundred times and send one of them a signal in the third nap."""
    with workers(2) as pool:
        for place in pool.map(nap, range(100)):
            if place == 3:
                os.kill(multiprocessing.active_children()[0].pid or 0, number)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_one_worker_that_ends_ends_the_work(number: int) -> None:
    with pytest.raises(DatasetError, match="found that one was killed"):
        naps(number)


if __name__ == "__main__":
    work()

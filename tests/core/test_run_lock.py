import subprocess
import sys

import pytest

from dermnet_core.errors import RunError
from dermnet_core.training.lock import hold, holder

HOLD = """
import sys, time
from pathlib import Path
from dermnet_core.training.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused_and_a_killed_one_gives_the_lock_back(tmp_path):
    assert holder(tmp_path) is None
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        assert holder(tmp_path) == process.pid
        with pytest.raises(RunError, match=f"process {process.pid}"), hold(tmp_path):
            pass
        process.kill()
    assert holder(tmp_path) is None
    with hold(tmp_path):
        pass


def test_a_folder_that_is_not_there(tmp_path):
    assert holder(tmp_path / "nowhere") is None
    with pytest.raises(RunError, match="Expected to write"), hold(tmp_path / "nowhere"):
        pass

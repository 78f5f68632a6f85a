"""What is loaded once, and when."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import textclean
from textclean.errors import ConfigError, RuleError

TIMES = """
import sys, time, textclean
assert "ftfy" not in sys.modules
textclean.warm_up()
assert "ftfy" in sys.modules
from textclean.cleaning.plan import plan
before = plan.cache_info().misses
assert textclean.clean("Share this") == ""
assert plan.cache_info().misses == before
"""
FORK = """
import os, textclean
textclean.warm_up()
children = []
for number in range(3):
    child = os.fork()
    if child == 0:
        left = [str(c) for c in textclean.clean_many([f"The quay was closed on day {number}.\\n\\nShare this"] * 9, workers=2)]
        os._exit(0 if left == [f"The quay was closed on day {number}."] * 9 else 1)
    children.append(child)
assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0]
"""


@pytest.mark.parametrize("script", [TIMES, pytest.param(FORK, marks=pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"))])
def test_what_was_loaded_is_there(script):
    """After it nothing is loaded again, in this process or in those that it forks."""
    done = subprocess.run([sys.executable, "-P", "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_it_takes_the_options_of_the_calls_to_come(tmp_path):
    """Rules of one's own are loaded too, and what is wrong with them is said then."""
    broken = tmp_path / "own.toml"
    broken.write_text("[[rule]]")
    with pytest.raises(RuleError):
        textclean.warm_up(rules=[broken])
    with pytest.raises(ConfigError, match="no option colour"):
        textclean.warm_up(colour="red")

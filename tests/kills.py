"""What the commands that tests kill have in common."""

#: Kills its own process after ``wait`` seconds, given as text; never, if they are negative.
KILL_LATER = """
import os, signal, threading, time
if float(wait) >= 0:
    def kill():
        time.sleep(float(wait))
        os.kill(os.getpid(), signal.SIGKILL)
    threading.Thread(target=kill, daemon=True).start()
"""

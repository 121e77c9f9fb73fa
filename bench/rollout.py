#!/usr/bin/env python3
"""rollout.py [BGC] - how long the 25-hour upgrade of examples/shop takes.

In the sandbox account, on its virtual clock: the first version goes live, then
the upgrade runs to its end, with tests, shifts, approval, bake and removal. The
budget for the upgrade is one second, of the processor: nothing is waited for.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

BUDGET = 1.0


def timed(bgc, folder, *args):
    start = time.monotonic()
    child = subprocess.Popen([bgc, *args], cwd=folder, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"bgc {' '.join(args)} ended with {child.returncode}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    bgc = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.join(here, "../build/bgc")
    best = None
    with tempfile.TemporaryDirectory() as top:
        for i in range(3):
            shop = os.path.join(top, str(i))
            shutil.copytree(os.path.join(here, "../examples/shop"), shop)
            timed(bgc, shop, "apply", "--sandbox=account.json", "-i", "size=t2.small", "--yes")
            took = timed(bgc, shop, "apply", "--sandbox=account.json", "--yes", "--wait")
            best = took if best is None or took[1] < best[1] else best
    wall, cpu, mb = best
    print(f"upgrade of the shop {wall:.2f} s ({cpu:.2f} s of the processor), {mb:.0f} MB (budget {BUDGET:.0f} s)")
    sys.exit(cpu > BUDGET)


main()

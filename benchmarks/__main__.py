"""`python -m benchmarks`: fill 50, 500 and 5,000 providers, measure each page at one and eight clients, keep the table."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from . import environment


def main() -> None:
    """Parse the command line, measure, write RESULTS.md. The exit code is 1 when a limit of the issue does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Parley over real HTTP.")
    parser.add_argument("--providers", type=int, nargs="+", default=[50, 500, 5000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a round of a page that is read")
    parser.add_argument("--posts", type=int, default=60, help="requests in a round of one client; twice that of eight")
    parser.add_argument("--no-file", action="store_true", help="print only, leave RESULTS.md alone")
    options = parser.parse_args()
    load_before = os.getloadavg()[0]
    environment.prepare()
    from .measure import Bench

    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options, Path(folder) / "gunicorn.log")
        for providers in sorted(options.providers):
            bench.measure(providers)
    text = bench.text(load_before, time.monotonic() - begin)
    print(text)
    if not options.no_file:
        (Path(__file__).parent / "RESULTS.md").write_text(text, encoding="utf-8")
    sys.exit(0 if bench.holds() else 1)


if __name__ == "__main__":
    main()

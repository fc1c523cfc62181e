"""`python -m bench`: measures, and prints one table."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from pathlib import Path

from bench import comment, contents, deliveries, files, judging, plan_policies, plans, policies
from bench.figure import Effort, Row
from bench.sample import git
from mrbot.app import settle_engine
from mrbot.errors import BadSettings

FULL = Effort(
    changed_files=(100, 1_000, 10_000, 50_000),
    diff_megabytes=50,
    plan_resources=6_000,
    judged_files=(100, 1_000),
    policy_resources=100,
    plan_megabytes=(1, 10),
    deliveries=2_000,
    rendered_resources=10_000,
    rounds=20,
    seconds=8.0,
)
QUICK = Effort(
    changed_files=(100, 1_000),
    diff_megabytes=5,
    plan_resources=600,
    judged_files=(100,),
    policy_resources=100,
    plan_megabytes=(1,),
    deliveries=200,
    rendered_resources=1_000,
    rounds=5,
    seconds=2.0,
)
FIGURES = {
    "files": files.measure,
    "contents": contents.measure,
    "plans": plans.measure,
    "judging": judging.measure,
    "policies": policies.measure,
    "plan-policies": plan_policies.measure,
    "deliveries": deliveries.measure,
    "comment": comment.measure,
}


def main() -> None:
    """Measures what was asked for and prints it; no figure fails."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, few repeats: seconds")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"of {', '.join(FIGURES)}")
    given = parser.parse_args()
    if unknown := sorted(set(given.figures) - set(FIGURES)):
        parser.error(f"no figure {', '.join(unknown)}: choose from {', '.join(FIGURES)}")
    started = time.perf_counter()
    print(_heading())
    for name in given.figures or FIGURES:
        with tempfile.TemporaryDirectory(prefix="mrbot-bench-") as work:
            for row in FIGURES[name](Path(work), QUICK if given.quick else FULL):
                print(_line(row), flush=True)
    print(f"\n{_machine()}; measured in {time.perf_counter() - started:.0f} s")


def _heading() -> str:
    columns = f"{'':<42}{'min ms':>10}{'median ms':>11}{'max ms':>10}{'ratio':>8}"
    return f"{columns}\n{'-' * len(columns)}"


def _line(row: Row) -> str:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    if row.samples is None:
        times = " " * 31
    else:
        least, most = min(row.samples.seconds), max(row.samples.seconds)
        times = f"{least * 1000:>10.2f}{row.samples.median * 1000:>11.2f}{most * 1000:>10.2f}"
    return f"{row.name:<42}{times}{ratio:>8}  {row.note}".rstrip()


def _machine() -> str:
    try:
        engine = settle_engine("auto")
    except BadSettings:
        rego = "no Rego engine"
    else:
        rego = f"{engine.engine.name} {engine.engine.version}"
        engine.close()
    version = git(Path.cwd(), "version").decode().split()[2]
    system = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
    return f"{system}; Python {platform.python_version()}, git {version}, {rego}"


if __name__ == "__main__":
    main()

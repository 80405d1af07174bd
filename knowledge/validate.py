"""Print what is wrong with the knowledge folder; with --against, which units are uncovered."""

from __future__ import annotations

import sys
from pathlib import Path

from knowledge.completeness import compare
from knowledge.loader import read
from knowledge.yaml_lines import Problem


def main(arguments: list[str]) -> int:
    """Print problems, one a line, and return 1 if there is one."""
    knowledge, problems = read()
    found: list[Problem] = list(problems)
    if "--against" in arguments:
        found = compare(knowledge, Path(arguments[arguments.index("--against") + 1]))
    for problem in found:
        print(problem)
    print(f"{len(knowledge.facts)} facts, {len(found)} problems")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Counts what a ctest run found: `PASSED FAILED` on one line.

Takes a folder with ctest.xml (--output-junit) and one JSON file a gtest binary (GTEST_OUTPUT). A test
that prints `N passed, N failed` as its last line counts as that; a gtest binary as its tests; any other
as one. A test that ended badly without saying so counts as one failure.
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed$")


def gtest_counts(folder, name):
    counts = None
    for file in sorted(folder.glob("*.json")):
        if re.fullmatch(re.escape(name) + r"(_\d+)?", file.stem):
            found = json.loads(file.read_text())
            ran = found["tests"] - found.get("disabled", 0)
            passed, failed = counts or (0, 0)
            counts = passed + ran - found["failures"], failed + found["failures"]
    return counts


def counts_of(case, folder):
    output = (case.findtext("system-out") or "").strip().splitlines()
    said = SUMMARY.match(output[-1].strip()) if output else None
    bad = case.get("status") != "run"
    if said:
        passed, failed = int(said.group(1)), int(said.group(2))
    else:
        passed, failed = gtest_counts(folder, case.get("name")) or ((0, 1) if bad else (1, 0))
    return passed, failed + (1 if bad and failed == 0 else 0)


def main():
    folder = pathlib.Path(sys.argv[1])
    sums = [0, 0]
    for case in xml.parse(folder / "ctest.xml").getroot().iter("testcase"):
        if case.get("status") in ("notrun", "disabled"):
            continue
        for i, count in enumerate(counts_of(case, folder)):
            sums[i] += count
    print(*sums)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Writes analytics.jsonl: 10,000 ACL rows as an old cluster would list them. Same run, same bytes."""
import json
import pathlib
import random

AREAS = ["clicks", "sessions", "pages", "search", "ads", "funnels", "cohorts", "exports"]
REGIONS = ["eu", "us", "ap"]
OPERATIONS = ["Read", "Write", "Describe", "DescribeConfigs"]


def row(rng, index):
    prefixed = rng.random() < 0.3
    name = f"legacy.{rng.choice(AREAS)}.{rng.choice(REGIONS)}." + ("" if prefixed else f"t{index:05d}")
    return {
        "principal": f"User:job-{rng.randrange(400):03d}",
        "host": "*" if rng.random() < 0.9 else f"10.{rng.randrange(8)}.0.0/16",
        "operation": rng.choice(OPERATIONS),
        "permission": "Deny" if rng.random() < 0.02 else "Allow",
        "resourceType": "Topic" if rng.random() < 0.9 else "Group",
        "patternType": "Prefixed" if prefixed else "Literal",
        "resourceName": name,
    }


def main():
    rng = random.Random("analytics")
    rows, seen = [], set()
    while len(rows) < 10_000:
        line = row(rng, len(rows))
        if line["resourceType"] == "Group" and line["operation"] in ("Write", "DescribeConfigs"):
            line["operation"] = "Read"
        text = json.dumps(line, separators=(",", ":"))
        if text not in seen:
            seen.add(text)
            rows.append(text)
    out = pathlib.Path(__file__).with_name("analytics.jsonl")
    out.write_text("\n".join(rows) + "\n")
    print(f"{out.name}: {len(rows)} rows")


if __name__ == "__main__":
    main()

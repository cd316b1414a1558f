#!/bin/sh
# differential.sh JAVA JAR CLASSES WRIT: the differential test.
# WRIT_DECISIONS, WRIT_SEED: how many, and from which seed; WRIT_LONG: a million.
set -eu
decisions=100000
if [ -n "${WRIT_LONG:-}" ]; then decisions=1000000; fi
sh "$(dirname "$0")/run.sh" Differential "$@" \
  --decisions "${WRIT_DECISIONS:-$decisions}" --seed "${WRIT_SEED:-1}"

#!/bin/sh
# run.sh JAVA JAR OUT WRIT CLASS [ARGUMENT…]: a class of the tests in a folder of its own, which stays
# if the test fails: the nodes' logs are in it. OUT is where Maven put classes and lib.
set -eu
java=$1 jar=$2 out=$3 writ=$4 class=$5
shift 5
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/writ-kafka-XXXXXX")
code=0
"$java" -Xmx512m "-Dlog4j2.configurationFile=$here/log4j2-client.yaml" -cp "$out/classes:$out/lib/*" \
  "io.writ.kafka.broker.$class" "$@" --writ "$writ" --jar "$jar" --policies "$here/policies" \
  --folder "$folder" --long "$([ -n "${WRIT_LONG:-}" ] && echo true || echo false)" || code=$?
if [ "$code" -eq 0 ]; then
  rm -rf "$folder"
else
  echo "the nodes' logs stay in $folder" >&2
fi
exit "$code"

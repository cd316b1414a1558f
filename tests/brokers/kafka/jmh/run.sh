#!/bin/sh
# run.sh JAVA JAR OUT WRIT WORKLOAD [ARGUMENT…]: the bench in a folder of its own.
set -eu
java=$1 jar=$2 out=$3 writ=$4 workload=$5
shift 5
folder=$(mktemp -d "${TMPDIR:-/tmp}/writ-kafka-jmh-XXXXXX")
trap 'rm -rf "$folder"' EXIT
"$java" -Xmx4g -cp "$out/classes:$jar:$out/lib/*" io.writ.kafka.Bench --writ "$writ" \
  --workload "$workload" --folder "$folder" "$@"

#!/bin/sh
# run.sh CLASS JAVA JAR CLASSES WRIT [ARGUMENT…]: a test class in a folder of its own.
set -eu
class=$1 java=$2 jar=$3 classes=$4 writ=$5
shift 5
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$java" -Xmx512m -cp "$jar:$classes/test-classes:$classes/lib/*" "io.writ.kafka.$class" \
  --writ "$writ" --folder "$folder" "$@"

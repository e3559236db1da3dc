#!/usr/bin/env bash
# Makes DriftDb.Grammar/Generated again from the .g4 files; with --check, fails where the committed files differ.
# The ANTLR tool is the jar inside an npm package, whose checksum is pinned here. A normal build needs neither Java nor npm.
set -euo pipefail
cd "$(dirname "$0")"
[ -d node_modules/antlr4ng-cli ] || npm ci --silent --ignore-scripts
jar="$PWD/node_modules/antlr4ng-cli/antlr4-4.13.2-SNAPSHOT-complete.jar"
echo "156a885bdaf847601d4b0350185dfaa5c4aee36c9a9c4c1632c31b0381360d39  $jar" | sha256sum -c --quiet
cd DriftDb.Grammar
out="$PWD/Generated"
[ "${1:-}" = --check ] && out=$(mktemp -d)
mkdir -p "$out"
generate() {
    java -Xmx1g -jar "$jar" -Dlanguage=CSharp -no-visitor -no-listener -Werror -encoding UTF-8 \
        -package DriftDb.Grammar -Xexact-output-dir -lib "$2" -o "$out" "$1"
}
generate SqlLexer.g4 .
cp "$out/SqlLexer.tokens" SqlLexer.tokens # -lib is where both the imported chapters and the vocabulary are looked for
trap 'rm -f SqlLexer.tokens' EXIT
generate SqlParser.g4 .
rm -f "$out"/*.interp "$out"/*.tokens
if [ "${1:-}" = --check ]; then diff -r "$out" Generated && echo "Generated is up to date"; fi

#!/usr/bin/env bash
# A folder of recordings to subtitles. A second run does only what is new or has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/calls/monday"
cp test/fixtures/card-one.wav "$work/calls"
cp test/fixtures/card-two.wav "$work/calls/monday"

again=(everyword transcribe --recursive "$work/calls" -f srt,json -o "$work/out" --skip-existing)
"${again[@]}"
echo "--- and again: nothing to do"
"${again[@]}"

head -n 3 "$work"/out/*.srt

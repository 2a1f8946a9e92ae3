#!/usr/bin/env bash
# Captions of what the microphone hears, on the screen and in a file that grows with every sentence.
# Ctrl-C ends the recording. Without a microphone a recording takes its place.
set -euo pipefail
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

if [ -t 1 ] && everyword devices 2>/dev/null | grep -q .; then
  everyword live --mic --write "$out/captions.vtt" || [ $? -eq 130 ]
else
  everyword live test/fixtures/reading-short.wav --pace max --write "$out/captions.vtt" --quiet
fi

echo "--- captions.vtt"
cat "$out/captions.vtt"

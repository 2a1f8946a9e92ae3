#!/usr/bin/env bash
# Anything that ffmpeg can read (a camera, a radio station, a video) as live words: raw PCM through
# a pipe, one JSON object a line out. jq or any program takes it from there.
set -euo pipefail
input=${1:-test/fixtures/reading-short.wav}

if command -v ffmpeg >/dev/null; then
  ffmpeg -loglevel error -i "$input" -f s16le -ar 16000 -ac 1 -
else
  tail -c +45 "$input" # a WAV of 16 kHz mono is the same behind its header
fi |
  everyword live - --input-format s16le --rate 16000 --channels 1 --pace max --jsonl --quiet |
  grep '"type":"final"'

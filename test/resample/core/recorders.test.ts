import { describe, expect, it } from "vitest";
import { lister, platformOf, recorders } from "../../../src/resample/core/recorders.ts";

function lines(platform: "linux" | "darwin" | "win32", device?: string): string[] {
  return recorders(platform, device).map(({ program, args }) => [program, ...args].join(" "));
}

const SOX = "-t raw -e signed -b 16 -L -r 16000 -c 1 -";
const FFMPEG = "ffmpeg -hide_banner -loglevel error -nostdin";
const OUT = "-ac 1 -ar 48000 -f s16le -flush_packets 1 pipe:1";
const ARECORD = "--period-time=20000 --buffer-time=400000 -t raw -f S16_LE -r 16000 -c 1";

describe("the table of recorders", () => {
  it("has these commands for the default input", () => {
    expect({ linux: lines("linux"), darwin: lines("darwin"), win32: lines("win32") }).toEqual({
      linux: [
        `arecord -q ${ARECORD}`,
        `sox -q -V1 --buffer 1024 -d ${SOX}`,
        `${FFMPEG} -f pulse -i default ${OUT}`,
      ],
      darwin: [
        `sox -q -V1 --buffer 1024 -d ${SOX}`,
        `${FFMPEG} -f avfoundation -i :default ${OUT}`,
      ],
      win32: [`sox -q -V1 --buffer 1024 -t waveaudio default ${SOX}`],
    });
  });

  it("has these commands for a named input", () => {
    expect({
      linux: lines("linux", "hw:1,0"),
      darwin: lines("darwin", "USB Mic"),
      win32: lines("win32", "USB Mic"),
    }).toEqual({
      linux: [
        `arecord -q -D plughw:1,0 ${ARECORD}`,
        `sox -q -V1 --buffer 1024 -t alsa hw:1,0 ${SOX}`,
        `${FFMPEG} -f pulse -i hw:1,0 ${OUT}`,
      ],
      darwin: [
        `sox -q -V1 --buffer 1024 -t coreaudio USB Mic ${SOX}`,
        `${FFMPEG} -f avfoundation -i :USB Mic ${OUT}`,
      ],
      win32: [
        `sox -q -V1 --buffer 1024 -t waveaudio USB Mic ${SOX}`,
        `${FFMPEG} -f dshow -i audio=USB Mic ${OUT}`,
      ],
    });
  });

  it("takes systems it does not know for Linux", () => {
    expect(["linux", "freebsd", "darwin", "win32"].map(platformOf)).toEqual([
      "linux",
      "linux",
      "darwin",
      "win32",
    ]);
  });
});

describe("the list of inputs", () => {
  it("is read from arecord", () => {
    const output =
      "null\n    Discard all samples\ndefault\n    Playback/recording through PulseAudio\n" +
      "plughw:CARD=Mic,DEV=0\n    USB Mic, USB Audio\n    Hardware device with conversions\n";
    expect(lister("linux").parse(output)).toEqual([
      { name: "default", description: "Playback/recording through PulseAudio" },
      {
        name: "plughw:CARD=Mic,DEV=0",
        description: "USB Mic, USB Audio, Hardware device with conversions",
      },
    ]);
    expect(lister("linux").parse("")).toEqual([]);
  });

  it("is read from system_profiler, inputs only", () => {
    const items = [
      { _name: "Speakers", coreaudio_device_output: 2 },
      {
        _name: "MacBook Microphone",
        coreaudio_device_input: 1,
        coreaudio_default_audio_input_device: "spaudio_yes",
      },
      { _name: "USB Mic", coreaudio_device_input: 1 },
    ];
    const output = JSON.stringify({
      SPAudioDataType: [{ _name: "coreaudio_device", _items: items }],
    });
    expect(lister("darwin").parse(output)).toEqual([
      { name: "MacBook Microphone", description: "default input" },
      { name: "USB Mic", description: "" },
    ]);
  });

  it.each(["", "not json", "null", "[]", '{"SPAudioDataType":3}', '{"SPAudioDataType":[null]}'])(
    "is empty when system_profiler says %j",
    (output) => {
      expect(lister("darwin").parse(output)).toEqual([]);
    },
  );

  it("is read from PowerShell, one name a line", () => {
    expect(lister("win32").parse("Microphone (USB)\r\n\r\nLine In\r\n")).toEqual([
      { name: "Microphone (USB)", description: "" },
      { name: "Line In", description: "" },
    ]);
  });
});

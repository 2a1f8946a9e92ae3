// A call recorded in stereo, agent left and customer right: each channel is a session of its own,
// and the sentences of both come out in the order in which they were said.
import { readFile } from "node:fs/promises";
import { openService, toChunks, transcribeChunks } from "everyword";

const call = await stereo("test/fixtures/card-one.wav", "test/fixtures/card-two.wav");
const format = { encoding: "s16le", rate: 16_000, channels: 2 };
const said = [];

const opened = await openService();
try {
  const listen = async (name, channel) => {
    const chunks = toChunks(call, { format, channel });
    for await (const event of transcribeChunks(chunks, { service: opened.service, pace: "max" })) {
      if (event.type !== "final" || event.words.length === 0) continue;
      said.push({ name, start: event.words[0].start ?? 0, text: event.text });
    }
  };
  await Promise.all([listen("agent", 0), listen("customer", 1)]);
} finally {
  await opened.close();
}
said.sort((a, b) => a.start - b.start);
for (const { name, start, text } of said) console.log(`${start.toFixed(1)} s  ${name}: ${text}`);

/** Two mono recordings as the channels of one, the second two seconds later. */
async function stereo(left, right) {
  const one = (await readFile(left)).subarray(44);
  const two = Buffer.concat([Buffer.alloc(64_000), (await readFile(right)).subarray(44)]);
  const both = Buffer.alloc(Math.max(one.length, two.length) * 2);
  for (let at = 0; at + 1 < one.length; at += 2) both.writeInt16LE(one.readInt16LE(at), at * 2);
  for (let at = 0; at + 1 < two.length; at += 2) both.writeInt16LE(two.readInt16LE(at), at * 2 + 2);
  return both;
}

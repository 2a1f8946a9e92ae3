// Live captions in a web app: a Hono route that streams them as server-sent events. Here the app is
// asked once, by itself; `serve(app)` from @hono/node-server puts it on a port.
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { openService, toChunks, transcribeChunks } from "everyword";

const opened = await openService();
const app = new Hono();

app.get("/captions", (context) =>
  streamSSE(context, async (stream) => {
    const leaving = new AbortController();
    stream.onAbort(() => leaving.abort()); // the viewer has closed the page
    const chunks = toChunks("test/fixtures/reading-short.wav");
    const options = { service: opened.service, pace: "max", signal: leaving.signal };
    for await (const event of transcribeChunks(chunks, options)) {
      if (event.type !== "interim" && event.type !== "final") continue;
      const { type, segment, text } = event;
      await stream.writeSSE({ event: type, id: segment, data: JSON.stringify({ segment, text }) });
    }
    await stream.writeSSE({ event: "end", data: "{}" });
  }),
);

try {
  const response = await app.request("/captions");
  const body = await response.text();
  console.log(body.slice(body.indexOf("event: final")).trim());
} finally {
  await opened.close();
}

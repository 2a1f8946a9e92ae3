import { describe, expect, it } from "vitest";
import { runInChromium } from "./chromium.ts";
import { lacks } from "./programs.ts";

const page = new URL("chromium-page.ts", import.meta.url);

describe.skipIf(lacks("chromium"))("a module in a page of Chromium", () => {
  it("gets its input and its files, and gives its result back", async () => {
    const files = { "audio.pcm": new Uint8Array([1, 2, 3, 250]) };
    const result = await runInChromium(page, { fetch: "/audio.pcm" }, { files });
    expect(result).toEqual({ bytes: [1, 2, 3, 250], isBrowser: true });
  });

  it("is a failed test with the page's own stack when it throws", async () => {
    await expect(runInChromium(page, { fetch: "/missing" })).rejects.toThrow(
      /In Chromium: Error: \/missing is answered with 404/u,
    );
  });
});

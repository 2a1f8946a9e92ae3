/** What `chromium.test.ts` runs in a page. */
export async function run(input: {
  readonly fetch: string;
}): Promise<{ bytes: number[]; isBrowser: boolean }> {
  const answer = await fetch(input.fetch);
  if (!answer.ok) throw new Error(`${input.fetch} is answered with ${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return { bytes: [...bytes], isBrowser: "document" in globalThis };
}

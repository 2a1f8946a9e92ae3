/** A source that ends when the user says stop, so that what was captured is still transcribed. */
export async function* untilStopped<T>(
  first: IteratorResult<T>,
  rest: AsyncIterator<T>,
  stop: AbortSignal,
): AsyncGenerator<T> {
  const listening = new AbortController();
  const stopped = new Promise<IteratorResult<T>>((resolve) => {
    const end = (): void => resolve({ done: true, value: undefined });
    stop.addEventListener("abort", end, { signal: listening.signal });
  });
  try {
    let result = first;
    while (result.done !== true && !stop.aborted) {
      yield result.value;
      result = await Promise.race([rest.next(), stopped]);
    }
  } finally {
    listening.abort();
    // Not awaited: a source that waits for its next sample would keep us here.
    void rest.return?.()?.catch(() => undefined);
  }
}

interface Said {
  readonly data?: unknown;
  readonly message?: string;
}
/** The part of a browser's worker that is used. */
declare const Worker: new (
  url: string,
  options: { readonly type: "module" },
) => { addEventListener(type: "message" | "error", listener: (event: Said) => void): void };

/** Runs a script in a worker of the page and gives what it posts. */
export async function run(script: string): Promise<unknown> {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => {
      resolve(data);
    });
    worker.addEventListener("error", ({ message }) => {
      reject(new Error(message));
    });
  });
}

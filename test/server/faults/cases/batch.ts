/** B1–B15: batch. */
import { EventEmitter, once } from "node:events";
import type { FaultSetting } from "../../../../src/server/testing.ts";
import { ask, type Answer, type Fields, jobPath, speechForm } from "../../support/running.ts";
import { type Cases, see, type Start } from "./case.ts";

type Scenario = Readonly<Record<string, FaultSetting>>;

function submit(url: string, fields: Fields = [], init: RequestInit = {}): Promise<Answer> {
  const target = `${url}/v1/audio/transcriptions?endpoint_id=audio-prod`;
  return ask(target, { method: "POST", body: speechForm("batch of words", fields), ...init });
}

function anyForm(): RequestInit {
  return { method: "POST", body: speechForm("x") };
}

/** Polls until the job says anything but `processing`, or so many times. */
async function poll(url: string, atMost = 3000): Promise<Answer[]> {
  const answers: Answer[] = [];
  do answers.push(await ask(url));
  while (answers.at(-1)!.json?.["status"] === "processing" && answers.length < atMost);
  return answers;
}

function jobSeen(
  scenario: Scenario,
  read: (answers: readonly Answer[]) => unknown,
  fields: Fields = [],
  atMost?: number,
) {
  return async (start: Start): Promise<unknown> => {
    const { url } = await start({ scenario });
    const submitted = await submit(url, fields);
    return read(await poll(url + jobPath(submitted), atMost));
  };
}

/** Without forced polls, a job is polled as often as it takes; the last answer. */
const last = (answers: readonly Answer[]): Readonly<Record<string, unknown>> =>
  answers.at(-1)!.json!;

function failure(variant: string, key: string) {
  return jobSeen({ B9: { variant, key } }, (answers) => [
    last(answers)["status"],
    typeof last(answers)[key],
  ]);
}

function foreign(scenario: Scenario) {
  return async (start: Start): Promise<unknown> => {
    const { url } = await start({ scenario });
    const path = jobPath(await submit(url));
    const unknown = await ask(`${url}/v1/accounts/local/batch_job/none`);
    return [(await ask(url + path.replace("/local/", "/other/"))).status, unknown.status];
  };
}

export const BATCH_CASES: Cases = {
  B1: {
    message: see("five fields", submitKeys({}), [
      "account_id",
      "batch_id",
      "endpoint_id",
      "message",
      "status",
    ]),
    "no-message": see("four fields", submitKeys({ B1: "no-message" }), [
      "account_id",
      "batch_id",
      "endpoint_id",
      "status",
    ]),
  },
  B2: {
    on: see(
      "an unknown and a missing endpoint are a 400",
      async (start) => {
        const { url } = await start();
        const path = "/v1/audio/transcriptions";
        return [
          (await ask(`${url}${path}?endpoint_id=moon`, anyForm())).status,
          (await ask(`${url}/batch${path}`, anyForm())).status,
        ];
      },
      [400, 400],
    ),
  },
  B3: {
    on: see(
      "a path that is none is a 404",
      async (start) => {
        const { url } = await start();
        const init = { method: "POST", body: speechForm("x") };
        return (await ask(`${url}/v1/audio/songs?endpoint_id=audio-prod`, init)).status;
      },
      404,
    ),
  },
  B4: {
    submit: see(
      "a wrong form is refused at once",
      async (start) => (await submit((await start()).url, [["model", "m"]])).status,
      400,
    ),
    job: see(
      "a wrong form becomes a failed job",
      jobSeen(
        { B4: "job" },
        (answers) => [
          last(answers)["status"],
          String(last(answers)["message"]).startsWith("model"),
        ],
        [["model", "m"]],
      ),
      ["failed", true],
    ),
  },
  B5: {
    on: see(
      "processing for as many polls as set, at least",
      jobSeen({ B5: { polls: 5 } }, (answers) => answers.length >= 6 && last(answers)["status"]),
      "completed",
    ),
    off: see(
      "completed as soon as it is",
      jobSeen({ B5: false }, (answers) => last(answers)["status"]),
      "completed",
    ),
  },
  B6: {
    null: see(
      "message null",
      jobSeen({}, (answers) => last(answers)["message"]),
      null,
    ),
    absent: see(
      "no message",
      jobSeen({ B6: "absent" }, (answers) => "message" in last(answers)),
      false,
    ),
    string: see(
      "a message",
      jobSeen({ B6: "string" }, (answers) => last(answers)["message"]),
      "Job completed",
    ),
  },
  B7: {
    present: see(
      "a body as string, with its type",
      jobSeen({}, (answers) => [last(answers)["content_type"], last(answers)["body"]]),
      ["application/json", '{"text":"batch of words"}'],
    ),
    absent: see(
      "no type",
      jobSeen({ B7: "absent" }, (answers) => "content_type" in last(answers)),
      false,
    ),
  },
  B8: {
    on: see(
      "completed, and the body is an error",
      jobSeen({ B8: true }, (answers) => [
        last(answers)["status"],
        Object.keys(JSON.parse(String(last(answers)["body"])) as object),
      ]),
      ["completed", ["error"]],
    ),
  },
  B9: {
    failed: see("failed, with a message", failure("failed", "message"), ["failed", "string"]),
    error: see("error, with an error", failure("error", "error"), ["error", "string"]),
    cancelled: see("cancelled", failure("cancelled", "message"), ["cancelled", "string"]),
    unknown: see("a word nobody knows", failure("unknown", "error"), ["evaporated", "string"]),
  },
  B10: {
    "404": see("404 for a foreign and for an unknown job", foreign({}), [404, 404]),
    "403": see("403 for a foreign job", foreign({ B10: "403" }), [403, 404]),
  },
  B11: {
    on: see("404 on the first poll, then processing", firstPolls({ B11: true }, 2), [
      404,
      "processing",
    ]),
  },
  B12: {
    on: see(
      "an error on the first polls, then processing",
      async (start) => [
        await firstPolls({ B12: { status: 503, polls: 2 }, B5: { polls: 9 } }, 3)(start),
        await firstPolls({ B12: true }, 2)(start),
      ],
      [
        [503, 503, "processing"],
        [429, "processing"],
      ],
    ),
  },
  B13: {
    on: see(
      "processing, however often it is asked",
      jobSeen({ B13: true }, (answers) => answers.length, [], 50),
      50,
    ),
  },
  B14: {
    on: see(
      "a result that was there is gone later",
      async (start) => {
        const jobs = new EventEmitter();
        const ended = once(jobs, "job-ended");
        const { url } = await start({
          scenario: { B14: { polls: 100 }, B5: false },
          log: (line) => jobs.emit(line.event),
        });
        const path = url + jobPath(await submit(url));
        await ended;
        const first = (await poll(path)).at(-1)!.json!["status"];
        let answer = await ask(path);
        for (let n = 0; n < 100; n++) answer = await ask(path);
        return [first, answer.status];
      },
      ["completed", 404],
    ),
  },
  B15: {
    reset: see("the upload is reset, no job exists", lostSubmit("reset"), [true, 0]),
    lost: see("the job exists, its answer is lost", lostSubmit("lost"), [true, 1]),
  },
};

function submitKeys(scenario: Scenario) {
  return async (start: Start): Promise<unknown> => {
    const { json } = await submit((await start({ scenario })).url);
    return Object.keys(json!).toSorted();
  };
}

function firstPolls(scenario: Scenario, count: number) {
  return async (start: Start): Promise<unknown> => {
    const { url } = await start({ scenario });
    const path = url + jobPath(await submit(url));
    const seen: unknown[] = [];
    for (let n = 0; n < count; n++) {
      const answer = await ask(path);
      seen.push(answer.json?.["status"] ?? answer.status);
    }
    return seen;
  };
}

/** Whether the submit failed, and how many jobs the server counts. */
function lostSubmit(variant: string) {
  return async (start: Start): Promise<unknown> => {
    const { url } = await start({ scenario: { B15: { variant, bytes: 500 } } });
    const failed = await submit(url).then(
      () => false,
      () => true,
    );
    const metrics = (await ask(`${url}/metrics`)).text;
    return [failed, Number(/everyword_jobs_submitted_total (\d+)/u.exec(metrics)?.[1])];
  };
}

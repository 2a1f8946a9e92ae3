/**
 * Scenarios: which behaviors of PROTOCOL §12 a server, or one of its connections, shows. Pure:
 * reading and checking; `faults.ts` decides.
 *
 * A scenario is JSON, `{"seed": 7, "W50": {"seconds": 4, "first": 2}, "W13": "string", "W22": false}`,
 * or for a header or a query the same in short: `W50:seconds=4;first=2,W13:string,W22:off`.
 */
import { EverywordError } from "../../errors.ts";
import { faultEntry, isFaultCode, type FaultCode } from "./catalog.ts";

/** One code's setting: on, off, a variant, or an object of variant and numbers. */
export type FaultSetting = boolean | string | FaultDetail;

/** When and how a behavior happens. */
export interface FaultDetail {
  /** Which of the code's variants. Default the first. */
  readonly variant?: string;
  /** Chance that it happens to a request or connection, 0 to 1. Default 1. */
  readonly probability?: number;
  /** Happens only to the first so many requests or connections. Default all. */
  readonly first?: number;
  /** Spares the first so many. Default 0. */
  readonly after?: number;
  /** The code's own settings; see the catalog. */
  readonly [setting: string]: number | string | undefined;
}

/** Behaviors by their codes: `true` and `false` turn one on and off, the rest says how. */
export type Scenario = { readonly [code in FaultCode]?: FaultSetting } & {
  /** Makes chances repeatable. Default 1. */
  readonly seed?: number;
};

const COMMON = new Set(["variant", "probability", "first", "after"]);

/**
 * Checks what a file, header, query or caller says.
 *
 * @throws EverywordError `usage` that names the code, what was given and what is possible.
 */
export function parseScenario(value: unknown): Scenario {
  if (typeof value === "string") {
    return parseScenario(value.trimStart().startsWith("{") ? parseJson(value) : parseShort(value));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad("A scenario must be a JSON object");
  }
  for (const [code, setting] of Object.entries(value)) {
    if (code === "seed") {
      if (!Number.isSafeInteger(setting))
        throw bad(`The seed must be an integer, got ${quote(setting)}`);
    } else if (isFaultCode(code)) checkSetting(code, setting);
    else throw bad(`There is no behavior ${quote(code)}; codes are like A9, S3, W50, B5`);
  }
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EverywordError("usage", "The scenario is not JSON; see docs/server.md.", { cause });
  }
}

/** `CODE`, `CODE:off`, `CODE:variant`, `CODE:key=value;key=value`, joined by commas. */
function parseShort(text: string): Record<string, unknown> {
  const scenario: Record<string, unknown> = {};
  for (const item of text.split(",").map((part) => part.trim())) {
    if (item === "") continue;
    const colon = item.indexOf(":");
    const code = colon < 0 ? item : item.slice(0, colon);
    const seed = /^seed=(-?\d+)$/u.exec(item)?.[1];
    if (seed === undefined)
      scenario[code] = colon < 0 ? true : parseShortSetting(item.slice(colon + 1));
    else scenario["seed"] = Number(seed);
  }
  return scenario;
}

function parseShortSetting(text: string): FaultSetting {
  if (text === "on" || text === "off") return text === "on";
  const detail: Record<string, number | string> = {};
  for (const part of text.split(";")) {
    const equals = part.indexOf("=");
    if (equals < 0) detail["variant"] = part;
    else {
      const value = part.slice(equals + 1);
      const number = Number(value);
      detail[part.slice(0, equals)] =
        value.trim() !== "" && Number.isFinite(number) ? number : value;
    }
  }
  return detail;
}

function checkSetting(code: FaultCode, setting: unknown): void {
  if (typeof setting === "boolean") return;
  if (typeof setting === "string") {
    checkVariant(code, setting);
    return;
  }
  if (typeof setting !== "object" || setting === null || Array.isArray(setting)) {
    throw bad(`${code} must be true, false, a variant or an object, got ${quote(setting)}`);
  }
  const own = faultEntry(code).settings ?? {};
  for (const [key, value] of Object.entries(setting)) {
    if (key === "variant") checkVariant(code, value);
    else if (!COMMON.has(key) && !Object.hasOwn(own, key)) {
      throw bad(
        `${code} has no setting ${quote(key)}; it has ${[...COMMON, ...Object.keys(own)].join(", ")}`,
      );
    } else checkValue(code, key, value, typeof own[key]);
  }
}

function checkValue(code: FaultCode, key: string, value: unknown, kind: string): void {
  if (kind === "string") {
    if (typeof value !== "string" && typeof value !== "number") {
      throw bad(`${code}.${key} must be a text, got ${quote(value)}`);
    }
  } else if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    throw bad(`${code}.${key} must be a number from 0 up, got ${quote(value)}`);
  }
}

function checkVariant(code: FaultCode, variant: unknown): void {
  const variants = faultEntry(code).variants ?? [];
  if (typeof variant === "string" && variants.includes(variant)) return;
  const possible = variants.length === 0 ? "it has none" : `it has ${variants.join(", ")}`;
  throw bad(`${code} has no variant ${quote(variant)}; ${possible}`);
}

function quote(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 60) ?? "nothing";
}

function bad(message: string): EverywordError {
  return new EverywordError("usage", `${message}; see docs/server.md.`);
}

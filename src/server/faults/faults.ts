/**
 * What a scenario means for one request or connection. Pure: the same scenario, number and code
 * always give the same answer.
 */
import { faultEntry, type FaultCode } from "./catalog.ts";
import { createDice } from "./dice.ts";
import type { FaultDetail, FaultSetting, Scenario } from "./scenario.ts";

/** A behavior that is on. */
export interface Fault {
  /** The variant; empty for a code without variants. */
  readonly variant: string;
  /** A setting of the code as a number; its default when the scenario does not say. */
  number(setting: string): number;
  /** A setting of the code as a text. */
  text(setting: string): string;
}

/** The behaviors of one request or connection. */
export class Faults {
  readonly #server: Scenario;
  readonly #own: Scenario;
  readonly #number: number;
  readonly #seed: number;
  readonly #known = new Map<FaultCode, Fault | undefined>();

  /**
   * @param server the server's scenario.
   * @param own what this request or connection asked for itself; wins, code by code.
   * @param number counts requests or connections of the server from 1.
   */
  constructor(server: Scenario, own: Scenario, number: number) {
    this.#server = server;
    this.#own = own;
    this.#number = number;
    this.#seed = own.seed ?? server.seed ?? 1;
  }

  /** Numbers in [0, 1) for this request and purpose; repeatable. */
  dice(purpose: string): () => number {
    let hash = this.#seed ^ Math.imul(this.#number, 0x9e3779b1);
    for (const character of purpose)
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    return createDice(hash);
  }

  /** The behavior, when it is on for this request; else `undefined`. */
  get(code: FaultCode): Fault | undefined {
    if (this.#known.has(code)) return this.#known.get(code);
    const fault = this.#resolve(code);
    this.#known.set(code, fault);
    return fault;
  }

  #resolve(code: FaultCode): Fault | undefined {
    const entry = faultEntry(code);
    const setting = this.#own[code] ?? this.#server[code] ?? entry.on;
    if (setting === false) return undefined;
    const detail = detailOf(setting);
    if (this.#number <= (detail.after ?? 0)) return undefined;
    if (this.#number > (detail.after ?? 0) + (detail.first ?? Number.POSITIVE_INFINITY)) {
      return undefined;
    }
    const probability = detail.probability ?? 1;
    if (probability < 1 && this.dice(code)() >= probability) return undefined;
    const read = (key: string): number | string => detail[key] ?? entry.settings?.[key] ?? 0;
    return {
      variant: detail.variant ?? entry.variants?.[0] ?? "",
      number: (key) => Number(read(key)),
      text: (key) => String(read(key)),
    };
  }

  /** Whether the behavior is on. */
  has(code: FaultCode): boolean {
    return this.get(code) !== undefined;
  }

  /** Whether the scenario itself names this code (and does not switch it off). */
  asked(code: FaultCode): boolean {
    return (this.#own[code] ?? this.#server[code]) !== undefined && this.has(code);
  }

  /** The variant in use, or `undefined` when the behavior is off. */
  variant(code: FaultCode): string | undefined {
    return this.get(code)?.variant;
  }

  /** What this request asked for itself. */
  get own(): Scenario {
    return this.#own;
  }

  /** Counts from 1. */
  get number(): number {
    return this.#number;
  }
}

function detailOf(setting: FaultSetting): FaultDetail {
  if (typeof setting === "string") return { variant: setting };
  return typeof setting === "object" ? setting : {};
}

import type { SimSummary } from "../test/sim/main.ts";

export const MUTATIONS: Readonly<Record<string, readonly [string, string, string]>>;
export function runSeeds(from: number, seeds: number, mutation?: string): Promise<SimSummary>;

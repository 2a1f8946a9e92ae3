/** `90`, `1:30`, `01:30:00.5` <-> seconds. */
import { EverywordError } from "../errors.ts";

/** @throws EverywordError `usage` naming the option. */
export function parseClock(option: string, text: string): number {
  const match = /^(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)$/u.exec(text.trim());
  const [, hours, minutes, seconds] = match ?? [];
  const value = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds);
  if (match === null || (minutes !== undefined && Number(seconds) >= 60)) {
    throw new EverywordError(
      "usage",
      `--${option} must be seconds or [hours:]minutes:seconds, not "${text}".`,
    );
  }
  return value;
}

/** `0:07`, `12:40`, `1:02:03`: for people, to the second. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0
    ? `${hours}:${twoDigits(minutes)}:${twoDigits(whole % 60)}`
    : `${minutes}:${twoDigits(whole % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

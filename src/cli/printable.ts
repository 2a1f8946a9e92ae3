/** Names come from elsewhere: one with control characters must not command the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cf}/gu, "�");
}

import { describe, expect, it } from "vitest";
import { withKey, withoutKey } from "../../src/cli/login.ts";
import { authIniKey } from "../../src/open-service.ts";

describe("the key's file", () => {
  it.each([
    ["", "a new file"],
    ["[fireworks]\naccount_id = me\n", "its section"],
    ["api_key = old\nother = $1\n", "an old key"],
    ["[else]\nx = 1\n", "other sections"],
  ])("takes a key into %j (%s) and gives it back", (before) => {
    const after = withKey(before, "fw_$&new");
    expect(authIniKey(after)).toBe("fw_$&new");
    const others = before.split("\n").filter((line) => !line.startsWith("api_key"));
    expect(after.split("\n")).toEqual(expect.arrayContaining(others));
  });

  it("forgets the key and keeps the rest", () => {
    expect(withoutKey("[fireworks]\napi_key = k\naccount_id = me\n")).toBe(
      "[fireworks]\naccount_id = me\n",
    );
  });
});

import { expect, test } from "vitest";
import { errorBodyText, errorWithin, KEPT_CHARACTERS, refusalStatus } from "../src/error-body.ts";

test.each([
  [
    "1",
    '{"error":{"object":"error","type":"invalid_request_error","message":"bad file"}}',
    "bad file",
  ],
  ["2", '{"error":{"message":"scaling","code":"DEPLOYMENT_SCALING_UP","type":"error"}}', "scaling"],
  ["3", '{"error":"bad file"}', "bad file"],
  ["4, message", '{"message":"bad file"}', "bad file"],
  ["4, detail", '{"detail":"bad file"}', "bad file"],
  [
    "4, list",
    '{"detail":[{"loc":["body"],"msg":"bad file"},{"msg":"no model"}]}',
    "bad file; no model",
  ],
  ["5, text", "no healthy\n upstream", "no healthy upstream"],
  ["5, HTML", "<html><style>b{}</style><h1>502</h1><p>Bad Gateway</p></html>", "502 Bad Gateway"],
  ["6", "", ""],
  ["unknown JSON", '{"status":"odd"}', '{"status":"odd"}'],
])("PROTOCOL §8.2: shape %s", (_shape, body, message) => {
  expect(errorBodyText(body)).toBe(message);
});

test("P32: neither the key nor a URL that holds one is kept, and at most 500 characters", () => {
  const body = `key fw_abcdef, see wss://h/p?authorization=fw_other&x=1 ${"y".repeat(600)}`;
  const kept = errorBodyText(body, "Bearer fw_abcdef");
  expect([kept.length, kept.slice(0, 55)]).toEqual([
    KEPT_CHARACTERS,
    "key ***, see wss://h/p?authorization=***&x=1 yyyyyyyyyy",
  ]);
});

test("P32: a key of 8 characters is masked; a shorter one is a word like any other", () => {
  const said = ["secret12", "wrong"].map((key) => errorBodyText(`the key ${key} is wrong`, key));
  expect(said).toEqual(["the key *** is wrong", "the key wrong is wrong"]);
});

test("a refusal is known by the 4xx that it names, else by its type; words tell nothing", () => {
  const bodies = [
    '{"error":{"code":"DEPLOYMENT_SCALING_UP","type":"error"}}',
    '{"error":{"type":"invalid_request_error"}}',
    '{"error":{"type":"invalid_request_error","code":"bad_audio"}}',
    '{"error":{"type":"invalid_request_error","code":"401"}}',
    '{"error":{"type":"invalid_request_error","status":500}}',
    '{"error":"bad file","status_code":422}',
    '{"code":"invalid_request_error"}',
    '{"error":"bad file"}',
    "plain",
  ];
  expect(bodies.map((body) => refusalStatus(body))).toEqual([
    undefined,
    400,
    400,
    401,
    undefined,
    422,
    400,
    undefined,
    undefined,
  ]);
});

test("U18, B8: an error inside a success is one only when it says something", () => {
  expect([
    errorWithin({ error: "boom" }),
    errorWithin({ error: { message: "boom" } }),
    errorWithin({ error: { odd: 1 } }),
    errorWithin({ error: null, text: "hello" }),
    errorWithin({ text: "error" }),
  ]).toEqual(["boom", "boom", '{"odd":1}', undefined, undefined]);
});

// Writes docs/cli.md and the command table of README.md from the program itself, so that they cannot
// say anything else. With --check nothing is written; it fails when a page is not what it would write.
// Needs dist/ (node scripts/build.mjs).
import { readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = new URL("..", import.meta.url);
const page = (name) => fileURLToPath(new URL(name, root));
const check = process.argv.includes("--check");
const everyword = (...args) => {
  const run = spawnSync(process.execPath, [page("dist/cli/main.js"), ...args], {
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`everyword ${args.join(" ")}: ${run.stderr}`);
  return run.stdout;
};

const commands = [...everyword("--help").matchAll(/^ {2}([a-z]+) {2,}(\S.*)$/gmu)].map(
  ([, name, summary]) => ({ name, summary, help: everyword(name, "--help") }),
);

const cell = (text) => text.replaceAll("|", String.raw`\|`);
const table = (head, rows) => {
  const all = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, i) => Math.max(3, ...all.map((row) => row[i].length)));
  const line = (row) => `| ${row.map((text, i) => text.padEnd(widths[i])).join(" | ")} |`;
  return [
    line(all[0]),
    line(widths.map((width) => "-".repeat(width))),
    ...all.slice(1).map(line),
  ].join("\n");
};

/** The options of a help text: groups of `  -o, --output-dir DIR   what it does`. */
function optionsOf(help) {
  const rows = [];
  let group = "";
  for (const line of help.split("\n")) {
    if (line === "Examples:") break;
    const heading = /^([A-Z].*):$/u.exec(line)?.[1];
    if (heading !== undefined) group = heading;
    const option = /^ {2}(?: {4}|(-\w), )(--[\w-]+(?: \S+)?)(?: +(.*))?$/u.exec(line);
    if (option !== null) {
      rows.push({
        group,
        name: [option[1], option[2]].filter(Boolean).join(", "),
        text: option[3] ?? "",
      });
    } else if (/^ {20}/u.test(line)) {
      const last = rows.at(-1);
      last.text = `${last.text} ${line.trim()}`.trim();
    }
  }
  return rows;
}

function commandPage({ name, summary, help }) {
  const usage = /^Usage: (.*?)\n\n/su.exec(help)[1].replaceAll(/\s+/gu, " ");
  const about = help.split("\n\n")[1].replaceAll("\n", " ");
  const examples = help.slice(help.indexOf("Examples:\n") + 10).trimEnd();
  const rows = optionsOf(help).map((row) => [`\`${row.name}\``, row.text, row.group]);
  return [
    `### everyword ${name}`,
    `${summary}: \`${usage}\``,
    about,
    ...(rows.length === 0 ? [] : [table(["option", "what it does", "group"], rows)]),
    `\`\`\`sh\n${examples.replaceAll(/^ {2}/gmu, "")}\n\`\`\``,
  ].join("\n\n");
}

const BEGIN = (name) => `<!-- ${name}: made by scripts/make-reference.mjs -->`;
const END = (name) => `<!-- end of ${name} -->`;
const between = (text, name, inner) => {
  const from = text.indexOf(BEGIN(name));
  const to = text.indexOf(END(name));
  if (from < 0 || to < 0) throw new Error(`no place for ${name}`);
  return `${text.slice(0, from)}${BEGIN(name)}\n\n${inner}\n\n${text.slice(to)}`;
};

const wanted = {
  "docs/cli.md": (text) => between(text, "commands", commands.map(commandPage).join("\n\n")),
  "README.md": (text) =>
    between(
      text,
      "commands",
      table(
        ["command", "what it does"],
        commands.map(({ name, summary }) => [`\`${name}\``, summary]),
      ),
    ),
};
let stale = 0;
for (const [name, make] of Object.entries(wanted)) {
  const before = readFileSync(page(name), "utf8");
  const after = make(before);
  if (after === before) continue;
  stale++;
  if (check) process.stdout.write(`${name} is not current: node scripts/make-reference.mjs\n`);
  else {
    writeFileSync(page(name), after);
    process.stdout.write(`${name} written\n`);
  }
}
process.exitCode = check && stale > 0 ? 1 : 0;

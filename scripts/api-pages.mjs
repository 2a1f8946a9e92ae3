// Writes one page of the reference, as Markdown, from what api-reference.mjs has read.

const byName = (a, b) => (a.name < b.name ? -1 : 1);

/** Where the page of an entry stands, beside the others. */
export const pageFile = (entry) => `${entry.split("/").at(-1)}.md`;

/** What a page describes, in its order: what can be imported, and what that mentions. */
function ownOf(page, symbols) {
  const own = symbols.filter((symbol) => symbol.page === page).toSorted(byName);
  const sections = own.filter(({ entries }) => entries.length > 0);
  return { sections, others: own.filter(({ entries }) => entries.length === 0) };
}

/** The page of one entry: a table of everything it offers, then each symbol that no other page has. */
export function apiPage(page, about, symbols) {
  const { sections, others } = ownOf(page, symbols);
  const offered = symbols.filter(({ entries }) => entries.includes(page));
  const link = linker(page, symbols);
  return [
    `# ${page}`,
    about,
    "Made from the docstrings by `scripts/make-api.mjs`.",
    table(
      ["export", "what"],
      offered.map((symbol) => [link(symbol.name), firstSentence(docOf(symbol), link)]),
    ),
    ...sections.map((symbol) => section(symbol, link)),
    ...(others.length === 0
      ? []
      : [
          "# Types without a name of their own",
          "The exports above mention them; they cannot be imported.",
          ...others.map((symbol) => section(symbol, link)),
        ]),
  ].join("\n\n");
}

/** Names to links to their headings, on this page where it has one; else on the page that offers it here. */
function linker(page, symbols) {
  const anchors = new Map();
  const pages = [...new Set(symbols.map((symbol) => symbol.page))];
  for (const other of [page, ...pages.filter((name) => name !== page)]) {
    const { sections, others } = ownOf(other, symbols);
    for (const [name, anchor] of headings([...sections, ...others])) {
      if (!anchors.has(name))
        anchors.set(name, `${other === page ? "" : pageFile(other)}#${anchor}`);
    }
  }
  return (name) => (anchors.has(name) ? `[\`${name}\`](${anchors.get(name)})` : `\`${name}\``);
}

/** GitHub counts headings that differ in case only. */
function headings(inOrder) {
  const counts = new Map();
  return inOrder.map(({ name }) => {
    const anchor = name.toLowerCase();
    const before = counts.get(anchor) ?? 0;
    counts.set(anchor, before + 1);
    return [name, before === 0 ? anchor : `${anchor}-${before}`];
  });
}

const docOf = ({ nodes }) => nodes.map(({ doc }) => doc).find((doc) => doc !== "") ?? "";

function section(symbol, link) {
  const { name, nodes, entries, page } = symbol;
  const also = entries.filter((entry) => entry !== page).map((entry) => `\`${entry}\``);
  const members = nodes
    .flatMap((node) => node.members)
    .filter((member) => !member.isConstructor || entries.length > 0);
  return [
    `## ${name}`,
    ...(also.length === 0 ? [] : [`Also in ${also.join(", ")}.`]),
    ...nodes.filter(({ doc }) => doc !== "").map(({ doc }) => prose(doc, link)),
    `\`\`\`typescript\n${nodes.map(signature).join("\n")}\n\`\`\``,
    ...(members.length === 0 ? [] : [memberTable(members, link)]),
  ].join("\n\n");
}

const LONGEST_CODE_LINES = 30;

function signature({ code, head, members }) {
  if (members.length > 0) return `${head.trimEnd()} { … }`;
  const lines = code.split("\n");
  return lines.length > LONGEST_CODE_LINES ? `${lines[0]} … }` : code;
}

function memberTable(members, link) {
  return table(
    ["member", "what"],
    members.map(({ code, doc }) => {
      const flat = code.replaceAll(/\/\*\*[\s\S]*?\*\//gu, "").replaceAll(/\s+/gu, " ");
      // What `?` says need not be said twice.
      const short = flat.replace(/^readonly /u, "").replace(/^(\S+\?: .*) \| undefined$/u, "$1");
      return [`\`${short}\``, prose(doc, link).replaceAll(/\s*\n\s*/gu, " ")];
    }),
  );
}

const cell = (text) => text.replaceAll("|", String.raw`\|`);

const line = (row) => `| ${row.map(cell).join(" | ")} |`;

function table(head, rows) {
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function firstSentence(doc, link) {
  const [first] = doc.split(/\n\n|\n@/u);
  return linked(first.replaceAll("\n", " ").replace(/(?<=[^.]\.) .*$/su, ""), link);
}

const linked = (text, link) =>
  text.replaceAll(/\{@link ([\w.]+)\}/gu, (_, name) => {
    const [symbol, ...member] = name.split(".");
    return member.length === 0 ? link(symbol) : `\`${name}\``;
  });

/** A docstring as Markdown: its tags become sentences, its example a block of code. */
function prose(doc, link) {
  const [text, ...tags] = doc.split(/^@/mu);
  const parts = [linked(text.trim(), link)];
  for (const tag of tags) {
    const [, kind, rest] = /^(\w+)\s*([\s\S]*)$/u.exec(tag);
    const said = linked(rest.trim(), link);
    if (kind === "example") parts.push(`\`\`\`ts\n${rest.trim()}\n\`\`\``);
    else if (kind === "throws") parts.push(`Throws ${said}`);
    else if (kind === "returns") parts.push(`Returns ${said}`);
    else if (kind === "param") parts.push(said.replace(/^(\w+) -? ?/u, "`$1`: "));
    else throw new Error(`@${kind} has no place in the reference`);
  }
  return parts.filter((part) => part !== "").join("\n\n");
}

// Reads the declarations a package ships and says what its entries offer: every exported symbol with
// its docstring, and every type that is not exported but that an exported one mentions.
import { readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { parseSync } from "oxc-parser";

/**
 * Everything that can be imported from `entries`, in the order in which they list it. A symbol that
 * several entries offer belongs to the one that lies nearest above its declaration, and among those
 * to the first: the main page has all but what has a folder of its own.
 */
export function readApi(entries) {
  const files = new Map();
  const read = (path) => files.get(path) ?? files.set(path, readDeclarations(path)).get(path);
  const symbols = new Map();
  for (const { name, path } of entries) {
    for (const exported of exportsOf(read, path)) {
      const symbol = resolve(read, exported.path, exported.local);
      const key = `${symbol.path}#${symbol.name}`;
      const known = symbols.get(key);
      const offered = [...(known?.entries ?? []), name];
      const page = nearestAbove(entries, offered, symbol.path);
      symbols.set(key, { ...symbol, name: exported.name, entries: offered, page });
    }
  }
  mentioned(read, symbols);
  return [...symbols.values()];
}

function nearestAbove(entries, offered, path) {
  const depths = entries
    .filter(({ name }) => offered.includes(name))
    .map(({ name, path: entry }) => {
      const folder = dirname(entry);
      return { name, depth: path.startsWith(folder + sep) ? folder.length : 0 };
    });
  return depths.reduce((best, one) => (one.depth > best.depth ? one : best)).name;
}

/** Exported symbols and their members that have no docstring, as `page name.member`. */
export function missingDocs(symbols) {
  return symbols.flatMap(({ name, nodes, page }) => [
    ...(nodes.some(({ doc }) => doc !== "") ? [] : [`${page} ${name}`]),
    ...nodes
      .flatMap(({ members }) => members)
      .filter(({ doc, speaksForItself }) => doc === "" && !speaksForItself)
      .map((member) => `${page} ${name}.${member.name}`),
  ]);
}

function readDeclarations(path) {
  const text = readFileSync(path, "utf8");
  const { program, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  const source = { path, text, comments };
  const file = { path, locals: new Map(), imports: new Map(), exports: [] };
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      for (const { local, imported } of statement.specifiers) {
        const from = { from: statement.source.value, name: imported?.name };
        file.imports.set(local.name, from);
      }
      continue;
    }
    if (statement.type === "ExportNamedDeclaration" && statement.declaration === null) {
      for (const { local, exported } of statement.specifiers) {
        const from = statement.source?.value;
        file.exports.push({ name: exported.name, local: local.name, from });
      }
      continue;
    }
    if (statement.type.startsWith("ExportAll") || statement.type.startsWith("ExportDefault")) {
      throw new Error(`${path}: only named exports are followed`);
    }
    const declaration = statement.declaration ?? statement;
    const exported = statement.type === "ExportNamedDeclaration";
    for (const { id, node } of declared(declaration)) {
      const known = file.locals.get(id) ?? [];
      file.locals.set(id, [...known, describe(source, statement, node)]);
      if (exported && known.length === 0) file.exports.push({ name: id, local: id });
    }
  }
  return file;
}

/** The names that a declaration declares. */
function declared(node) {
  if (node.type === "VariableDeclaration") {
    return node.declarations.map((one) => ({ id: one.id.name, node: one }));
  }
  return node.id === undefined ? [] : [{ id: node.id.name, node }];
}

function describe(source, statement, node) {
  const { text } = source;
  const body = membersNode(node);
  const members = (body?.members ?? body?.body ?? [])
    .filter((one) => !isPrivate(one))
    .map((one) => ({
      name: memberName(text, one),
      code: text.slice(one.start, one.end).replace(/;$/u, ""),
      doc: docBefore(source, one.start),
      // A constructor is what the docstring of its class is about; `type: "end"` says all there is.
      speaksForItself: one.kind === "constructor" || isLiteral(one),
    }));
  return {
    kind: node.type,
    code: text
      .slice(statement.start, statement.end)
      .replace(/^export /u, "")
      .replace(/^declare /u, ""),
    head: body === undefined ? "" : text.slice(node.start, body.start).replace(/^declare /u, ""),
    doc: docBefore(source, statement.start),
    members,
    node,
  };
}

/** Where the members of an interface, a class or an alias of one object type stand. */
function membersNode(node) {
  if (node.type === "TSInterfaceDeclaration" || node.type === "ClassDeclaration") return node.body;
  const type = node.typeAnnotation;
  return type?.type === "TSTypeLiteral" ? type : undefined;
}

function isPrivate(member) {
  const { key, accessibility } = member;
  return accessibility === "private" || key?.type === "PrivateIdentifier";
}

function memberName(text, member) {
  if (member.key === undefined) return text.slice(member.start, member.end);
  return text.slice(member.key.start, member.key.end);
}

/** The docstring that stands right before a position, without its stars. */
function docBefore({ text, comments }, position) {
  const last = comments.findLast(({ end }) => end <= position);
  if (last === undefined || last.type !== "Block" || !last.value.startsWith("*")) return "";
  if (text.slice(last.end, position).trim() !== "") return "";
  return last.value
    .slice(1)
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/u, ""))
    .join("\n")
    .trim();
}

function isLiteral(member) {
  return (
    (member.value ?? member.typeAnnotation?.typeAnnotation)?.type.endsWith("Literal") === true ||
    member.typeAnnotation?.typeAnnotation?.type === "TSLiteralType"
  );
}

/** Names of types that a declaration mentions, in its constructor too if that can be called. */
function namesIn(node, withConstructor) {
  const names = new Set();
  const visit = (one) => {
    if (one === null || typeof one !== "object") return;
    if (one.kind === "constructor" && !withConstructor) return;
    if (one.type === "TSTypeReference" && one.typeName.type === "Identifier") {
      names.add(one.typeName.name);
    }
    if (one.type === "TSInterfaceHeritage" || one.type === "TSTypeQuery") {
      names.add((one.expression ?? one.exprName).name);
    }
    for (const value of Object.values(one)) visit(value);
  };
  visit(node);
  return [...names];
}

function exportsOf(read, path) {
  return read(path).exports.map(({ name, local, from }) => {
    const at = from === undefined ? path : declarationPath(path, from);
    return { name, local, path: at };
  });
}

function resolve(read, path, name) {
  const file = read(path);
  const nodes = file.locals.get(name);
  if (nodes !== undefined) return { path, name, nodes };
  const imported = file.imports.get(name);
  if (imported !== undefined) return resolve(read, declarationPath(path, imported.from), name);
  const again = file.exports.find((one) => one.name === name && one.from !== undefined);
  if (again === undefined) throw new Error(`${path}: no declaration of ${name}`);
  return resolve(read, declarationPath(path, again.from), again.local);
}

function declarationPath(from, to) {
  return join(dirname(from), to).replace(/\.(?:ts|js)$/u, ".d.ts");
}

/** Adds the types of this package that are mentioned and not exported. */
function mentioned(read, symbols) {
  const pending = [...symbols.values()];
  for (let symbol = pending.pop(); symbol !== undefined; symbol = pending.pop()) {
    const file = read(symbol.path);
    const callable = symbol.entries.length > 0;
    for (const name of symbol.nodes.flatMap(({ node }) => namesIn(node, callable))) {
      const imported = file.imports.get(name);
      const ours = file.locals.has(name) || imported?.from.startsWith(".") === true;
      if (!ours) continue;
      const found = resolve(read, symbol.path, name);
      const key = `${found.path}#${found.name}`;
      if (symbols.has(key)) continue;
      const added = { ...found, entries: [], page: symbol.page };
      symbols.set(key, added);
      pending.push(added);
    }
  }
}

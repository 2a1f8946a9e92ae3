/** Commands -> completion scripts (pure). */
import type { Command, OptionSpec } from "./command.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export interface CompletionEntry {
  readonly name: string;
  readonly summary: string;
  readonly command: Command;
}

export function completionScript(shell: Shell, entries: readonly CompletionEntry[]): string {
  if (shell === "bash") return bashScript(entries);
  return shell === "zsh" ? zshScript(entries) : fishScript(entries);
}

function shownOptions(command: Command): readonly OptionSpec[] {
  return command.options.filter((option) => option.ignored !== true);
}

/** The words that may follow an option; empty when it names a file or is free. */
function choicesOf(option: OptionSpec): string {
  return (option.choices ?? []).join(" ");
}

function bashScript(entries: readonly CompletionEntry[]): string {
  const values: string[] = [];
  const words: string[] = [];
  const verbs: string[] = [];
  for (const { name, command } of entries) {
    for (const option of shownOptions(command)) {
      if (option.value === undefined) continue;
      const spellings = [
        `--${option.name}`,
        ...(option.short === undefined ? [] : [`-${option.short}`]),
      ];
      const pattern = spellings.map((spelling) => `${name}:${spelling}`).join("|");
      const choices = choicesOf(option);
      const free = option.completes === "folder" ? "compgen -d" : "compgen -f";
      values.push(
        `    ${pattern}) ${choices === "" ? free : `compgen -W "${choices}"`} -- "$cur" ;;`,
      );
    }
    const options = shownOptions(command).map((option) => `--${option.name}`);
    words.push(`    ${name}) echo "${[...options, "--help"].join(" ")}" ;;`);
    if (command.verbs !== undefined)
      verbs.push(`    ${name}) echo "${command.verbs.join(" ")}" ;;`);
  }
  return `# bash completion for everyword
_everyword_value() {
  local cur=$2 IFS=$' \\n'
  case "$1" in
${values.join("\n")}
    *) return 1 ;;
  esac
  return 0
}
_everyword_words() {
  case "$1" in
${words.join("\n")}
  esac
}
_everyword_verbs() {
  case "$1" in
${verbs.join("\n")}
    *) return 1 ;;
  esac
}
_everyword() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  local found verbs IFS=$'\\n'
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(IFS=' ' compgen -W "${entries.map((entry) => entry.name).join(" ")} --help --version" -- "$cur"))
  elif found=$(_everyword_value "$command:$prev" "$cur"); then
    COMPREPLY=($found)
  elif [ "\${cur:0:1}" = - ]; then
    COMPREPLY=($(IFS=' ' compgen -W "$(_everyword_words "$command")" -- "$cur"))
  else
    [ "$COMP_CWORD" -eq 2 ] && verbs=$(_everyword_verbs "$command")
    COMPREPLY=($(IFS=' ' compgen -W "$verbs" -- "$cur") $(compgen -f -- "$cur"))
  fi
}
complete -o filenames -F _everyword everyword
`;
}

function zshScript(entries: readonly CompletionEntry[]): string {
  const cases = entries.map(({ name, command }) => {
    const specs = shownOptions(command).map((option) => `        ${quoted(zshOption(option))}`);
    const verbs =
      command.verbs === undefined
        ? []
        : [`        ${quoted(`1:what:(${command.verbs.join(" ")})`)}`];
    return `    ${name})\n      _arguments -s \\\n${[...specs, ...verbs, "        '*:file:_files'"].join(" \\\n")} ;;`;
  });
  const commands = entries.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  return `#compdef everyword
_everyword() {
  local -a commands
  commands=(
${commands.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
compdef _everyword everyword
`;
}

function zshOption(option: OptionSpec): string {
  const repeat = option.multiple === true ? "*" : "";
  const head = `${repeat}--${option.name}${option.value === undefined ? "" : "="}[${zshText(option.help)}]`;
  if (option.value === undefined) return head;
  const choices = choicesOf(option);
  const action =
    choices !== "" ? `(${choices})` : option.completes === "folder" ? "_files -/" : "_files";
  return `${head}:${zshText(option.value)}:${action}`;
}

/** Brackets and colons part the fields of an `_arguments` spec. */
function zshText(text: string): string {
  return text.replaceAll(/[[\]:\\]/gu, String.raw`\$&`);
}

function fishScript(entries: readonly CompletionEntry[]): string {
  const lines = ["# fish completion for everyword", "complete -c everyword -f"];
  for (const { name, summary, command } of entries) {
    lines.push(`complete -c everyword -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`);
    const seen = `-n '__fish_seen_subcommand_from ${name}'`;
    if (command.verbs === undefined) lines.push(`complete -c everyword ${seen} -F`);
    else lines.push(`complete -c everyword ${seen} -a ${quoted(command.verbs.join(" "))}`);
    for (const option of shownOptions(command)) {
      const short = option.short === undefined ? "" : ` -s ${option.short}`;
      const choices = choicesOf(option);
      const value =
        option.value === undefined ? "" : choices === "" ? " -r -F" : ` -x -a ${quoted(choices)}`;
      lines.push(
        `complete -c everyword ${seen} -l ${option.name}${short}${value} -d ${quoted(option.help)}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

/** In single quotes, as zsh reads them; fish reads the same for texts without backslashes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

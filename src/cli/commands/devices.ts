/** `everyword devices`: the microphones that `live --device` takes. */
import type { InputDevice } from "../../resample/microphone.ts";
import type { Command } from "../command.ts";
import { write, type Io } from "../io.ts";
import type { Values } from "../parse.ts";
import { printable } from "../printable.ts";

export const devicesCommand: Command = {
  name: "devices",
  positionals: "",
  about: "Lists the microphones of this machine, by the names that live --device takes.",
  options: [{ name: "json", group: "Output", help: "As JSON" }],
  examples: ["everyword devices", 'everyword live --device "USB Audio"'],
  run: devices,
};

async function devices(values: Values, _positionals: readonly string[], io: Io): Promise<number> {
  const { listDevices } = await import("../../resample/microphone.ts");
  const list = await listDevices({ environment: io.env, platform: io.platform });
  if (values.flag("json")) await write(io.stdout, `${JSON.stringify(list, undefined, 2)}\n`);
  else if (list.length === 0) await write(io.stderr, "everyword: no microphone was found\n");
  else for (const device of list) await write(io.stdout, `${printable(deviceLine(device))}\n`);
  return 0;
}

function deviceLine(device: InputDevice): string {
  const { name, description } = device;
  return description === "" || description === name ? name : `${name}  ${description}`;
}

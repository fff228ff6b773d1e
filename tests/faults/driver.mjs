// Runs schedules against the server on a socket and writes what it found, one line of JSON each.
// node tests/faults/driver.mjs --socket PATH --first SEED --count N [--step S] [--kill-every N] [--plant pop] [--stop]
import { parseArgs } from "node:util";
import { Network } from "./network.mjs";
import { rehearse, runSchedule } from "./run.mjs";
import { EVERYBODY, generate, shrink, tell } from "./schedule.mjs";

const { values } = parseArgs({
  options: {
    socket: { type: "string" },
    first: { type: "string", default: "1" },
    count: { type: "string", default: "100" },
    step: { type: "string", default: "1" },
    "kill-every": { type: "string", default: "10" },
    plant: { type: "string" },
    stop: { type: "boolean", default: false },
    whole: { type: "boolean", default: false },
  },
});

const FAULTS = ["AbortError", "QuotaExceededError", "InvalidStateError", "Killed"];
/** Whether it comes of a fault of ours. @param {any} error @returns {boolean} */
const isFault = (error) => !!error && (FAULTS.includes(error.name) || isFault(error.cause));

/** What nobody waited for. A browser writes it into its console and goes on. @type {string[]} */
const unexpected = [];
for (const event of ["unhandledRejection", "uncaughtException"]) {
  process.on(event, (error) => {
    if (!isFault(error)) unexpected.push(`nobody caught this: ${error?.stack ?? error}`);
  });
}

const network = new Network(/** @type {string} */ (values.socket));
const world = await network.order("people");
const every = Number(values["kill-every"]);
const say = (/** @type {object} */ line) => process.stdout.write(`${JSON.stringify(line)}\n`);

await rehearse(network, world, EVERYBODY);

/** @param {import("./schedule.mjs").Schedule} schedule */
const run = async (schedule) => {
  const result = await runSchedule(network, world, schedule, { plant: values.plant });
  result.violations.push(...unexpected.splice(0));
  return result;
};

for (let n = 0; n < Number(values.count); n++) {
  const seed = Number(values.first) + n * Number(values.step);
  const schedule = generate(seed, { kills: every > 0 && seed % every === 0 });
  const started = performance.now();
  const result = await run(schedule);
  const milliseconds = performance.now() - started;
  /** @type {Record<string, any>} */
  const line = { seed, milliseconds, ...result };
  if (result.violations.length && !values.stop) {
    const smallest = values.whole
      ? schedule
      : await shrink(schedule, async (smaller) => (await run(smaller)).violations.length > 0);
    line.story = tell(smallest);
    line.smallest = (await run(smallest)).violations;
  }
  say(line);
  if (result.violations.length && values.stop) break;
}
network.agent.destroy();
// A phone that died may have left a timer of hours behind.
process.stdout.write("", () => process.exit());

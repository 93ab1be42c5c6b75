// What benchmarks/contestant.py is for Python: a contestant prepares, says so, and works once for each line that it reads.
import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const task = JSON.parse((await lines.next()).value);

const say = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);

// This will say that everything is prepared, and work whenever it is asked to, until nobody asks any more.
export async function contest(work) {
  say({ servers: [] });
  while (!(await lines.next()).done) say(await work());
}

// This will keep so many commands in flight for so long: who is answered asks again.
export async function inFlight(command, callers, seconds) {
  const taken = [];
  const began = performance.now();
  const caller = async () => {
    let last = began;
    while (last - began < seconds * 1000) {
      await command();
      const now = performance.now();
      taken.push(now - last);
      last = now;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const took = (performance.now() - began) / 1000;
  taken.sort((a, b) => a - b);
  const percentile = (percent) => taken[Math.max(0, Math.ceil((taken.length * percent) / 100) - 1)];
  return { count: taken.length, seconds: took, p50_ms: percentile(50), p99_ms: percentile(99) };
}

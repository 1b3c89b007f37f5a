// A worker only delivers. Start as many as you need, on as many machines as you like.
import { openEngine } from './engine.ts';
import { untilStopped } from './until-stopped.ts';

const { engine, close } = openEngine('worker');
let sent = 0;
engine.on('message.sent', () => {
  sent += 1;
});
await engine.start();
console.log('working');

// polling does not keep a process alive
const alive = setInterval(() => {}, 60_000);
await untilStopped();
clearInterval(alive);
await close();
console.log(`sent ${sent}`);

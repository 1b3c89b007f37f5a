import type { Queue } from '@tidings/core/spec';
import type { Failpoints } from './failpoints.ts';

/** A queue with failpoints around publishing. */
export function observedQueue(queue: Queue, failpoints: Failpoints): Queue {
  return Object.assign(Object.create(queue) as Queue, {
    async publish(wakeUps: Parameters<Queue['publish']>[0]) {
      failpoints.pass('before-publish');
      await queue.publish(wakeUps);
      failpoints.pass('after-publish');
    },
  });
}

import { inProcessQueue } from '@tidings/core';
import { testQueue } from '@tidings/testing';

testQueue(async () => ({ queue: inProcessQueue() }), { title: 'inProcessQueue', lacks: ['broker'] });

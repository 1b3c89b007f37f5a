// What an adapter author needs: `@tidings/core/adapter`.
export * from './channels/index.ts';
export { type AdapterOptions, defineAdapter, type MessageFor } from './define/define-adapter.ts';
export { defineChannel } from './define/define-channel.ts';
export * from './spec/index.ts';
export { createHttp, type Http, type HttpAnswer, type HttpOptions, type HttpRequest } from './toolkit/http.ts';
export { outcomeOfFailure, outcomeOfStatus, retryAfterMs } from './toolkit/http-outcome.ts';

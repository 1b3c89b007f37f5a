// Notifme ships no types; only what is measured is declared.
declare module 'notifme-sdk' {
  interface Email {
    readonly from: string;
    readonly to: string;
    readonly subject: string;
    readonly html: string;
    readonly text: string;
  }
  interface Provider {
    readonly type: 'custom';
    readonly id: string;
    send(email: Email): Promise<string>;
  }
  class NotifmeSdk {
    readonly logger: { mute(): void };
    constructor(options: { readonly channels: { readonly email: { readonly providers: readonly Provider[] } } });
    send(request: { readonly email: Email }): Promise<{ readonly status: 'success' | 'error' }>;
  }
  const exports: { readonly default: typeof NotifmeSdk };
  export default exports;
}

import type { Engine, EventMap, Sent, SentMany } from '@tidings/core';
import type { Mode, Scope } from '@tidings/core/spec';
import { TidingsError } from '@tidings/core/spec';
import type { Host } from './host.ts';
import { settings } from './settings.ts';
import type { World } from './world.ts';

const mostTries = 12;
const passing = ['STORE_UNAVAILABLE', 'STORE_BUSY', 'STORE_CONFLICT', 'ENGINE_STOPPED'];

/** Whom a call is made for, and where. */
export interface Place {
  readonly host?: string;
  readonly tenant?: string;
  readonly mode?: Mode;
}

/** What a send says. */
export interface Request {
  readonly to: unknown;
  readonly payload?: unknown;
  readonly idempotencyKey?: string;
  readonly priority?: string;
  readonly [more: string]: unknown;
}

/**
 * The application around the engines, as a scenario plays it. It writes down what it was promised. A send without a key
 * that fails is given up, as nobody knows whether it was accepted; everything else is tried again until it succeeds.
 */
export class Client {
  readonly #world: World;
  readonly #hosts: ReadonlyMap<string, Host>;

  constructor(world: World, hosts: ReadonlyMap<string, Host>) {
    this.#world = world;
    this.#hosts = hosts;
  }

  /** Lets time pass. */
  wait(ms: number): Promise<void> {
    return this.#world.wait(ms);
  }

  /** The clock jumps: what was under way stood still meanwhile. */
  jump(ms: number): void {
    this.#world.jump(ms);
  }

  host(name = 'a'): Host {
    const host = this.#hosts.get(name);
    if (!host) throw new Error(`There is no host "${name}".`);
    return host;
  }

  /** Sends; undefined when nobody knows what became of it, or it was refused. */
  async send(event: string, request: Request, place: Place = {}): Promise<Sent | SentMany | undefined> {
    const { recorder } = this.#world;
    const scope = scopeOf(place);
    const idempotencyKey = request.idempotencyKey ?? null;
    if (idempotencyKey !== null) {
      recorder.keys.set(JSON.stringify([scope, event, idempotencyKey]), { scope, event, key: idempotencyKey });
    }
    const beganAt = recorder.moment();
    const ask = (engine: Engine<EventMap>): Promise<Sent | SentMany> => engine.untyped.send(event, request as never);
    const sent = await this.#ask(ask, place, idempotencyKey === null ? 1 : mostTries);
    if (!sent) return undefined;
    const { replayed = false, ...reply } = sent;
    recorder.sends.push({
      beganAt,
      ackedAt: recorder.moment(),
      scope,
      event,
      idempotencyKey,
      request: JSON.stringify(request),
      reply: JSON.stringify(reply, (key, value) => (key === 'replayed' ? undefined : (value as unknown))),
      replayed,
      notifications: ('id' in sent ? [sent] : sent.accepted).map(({ id, deliveries }) => ({
        id,
        messages: deliveries.map((delivery) => delivery.id),
      })),
    });
    return sent;
  }

  /** Suppresses an address until it is known to have succeeded. */
  async suppress(
    address: string,
    place: Place & { readonly channel?: string; readonly reason?: 'bounced' } = {},
  ): Promise<void> {
    const { channel, reason } = place;
    const what = {
      address,
      ...(channel === undefined ? {} : { channel }),
      ...(reason === undefined ? {} : { reason }),
    };
    const stopped = await this.#ask((engine) => engine.suppressions.add(what), place, mostTries);
    if (!stopped) return;
    this.#stopped('suppress', place, { ...stopped, addresses: [address], channel: channel ?? '*', words: [] });
  }

  /** Takes a suppression back. */
  async unsuppress(address: string, place: Place = {}): Promise<void> {
    const at = this.#world.recorder.moment();
    for (const stop of this.#world.recorder.stops) {
      if (stop.addresses.includes(address) && stop.kind === 'suppress') stop.removedAt ??= at;
    }
    await this.#ask((engine) => engine.suppressions.remove({ address }), place, mostTries);
  }

  /** Erases a contact, of whom these words must be nowhere afterwards. */
  async erase(who: string, words: readonly string[], place: Place = {}): Promise<void> {
    let first = true;
    const stopped = await this.#ask(
      async (engine) => {
        try {
          return await engine.contacts.delete(who);
        } catch (error) {
          // The answer of an earlier try was lost: how many it had handed over as well.
          if (!first && TidingsError.is(error, 'NOT_FOUND')) return { cancelled: 0, alreadyHandedOver: 1e9 };
          throw error;
        } finally {
          first = false;
        }
      },
      place,
      mostTries,
    );
    if (stopped) this.#stopped('erase', place, { ...stopped, addresses: words, channel: '*', words });
  }

  /** Cancels what was accepted of an event for one recipient. */
  async cancel(event: string, to: string, place: Place = {}): Promise<void> {
    const { sends } = this.#world.recorder;
    const name = JSON.stringify(scopeOf(place));
    const its = sends.filter((sent) => {
      return sent.event === event && JSON.stringify(sent.scope) === name && sent.request.includes(JSON.stringify(to));
    });
    const messages = its.flatMap(({ notifications }) => notifications.flatMap((one) => one.messages));
    const stopped = await this.#ask((engine) => engine.untyped.cancel(event, { to }), place, mostTries);
    if (stopped) this.#stopped('cancel', place, { ...stopped, addresses: [], channel: '*', words: [], messages });
  }

  /** Runs a broadcast until it completed. */
  async broadcast(event: string, id: string, people: readonly unknown[], place: Place = {}): Promise<void> {
    const { recorder } = this.#world;
    const result = await this.#ask(
      (engine) => engine.untyped.broadcast(event, people as never, { id, payload: { text: 'to all' } } as never),
      place,
      mostTries,
    );
    if (!result) return;
    const { completed, accepted, rejected } = result;
    recorder.broadcasts.push({ id, scope: scopeOf(place), recipients: people.length, completed, accepted, rejected });
  }

  #stopped(
    kind: 'suppress' | 'cancel' | 'erase',
    place: Place,
    what: {
      readonly cancelled: number;
      readonly alreadyHandedOver: number;
      readonly addresses: readonly string[];
      readonly channel: string;
      readonly words: readonly string[];
      readonly messages?: readonly string[];
    },
  ): void {
    const { recorder } = this.#world;
    const resolvedAt = recorder.moment();
    recorder.stops.push({ kind, scope: scopeOf(place), resolvedAt, messages: [], removedAt: null, ...what });
  }

  /** Asks the engine of a process, and the one after it when the process ends meanwhile. */
  async #ask<T>(call: (engine: Engine<EventMap>) => Promise<T>, place: Place, tries: number): Promise<T | undefined> {
    for (let left = tries; left > 0; left -= 1) {
      const { process, engine } = await this.host(place.host).running();
      try {
        return await Promise.race([call(engine.for(scopeOf(place))), process.died]);
      } catch (error) {
        if (TidingsError.is(error) && !passing.includes(error.code)) return undefined;
        if (left > 1) await this.wait(settings.retryMs);
      }
    }
    return undefined;
  }
}

function scopeOf({ tenant = 'default', mode = 'live' }: Place): Scope {
  return { tenant, mode };
}

import type { Sender } from '../spec/channel-adapter.ts';
import { checkKeys, isLabel, isPlainObject, refuse } from './check-options.ts';

/** An address, or `{ address, name }`, as a frozen sender. */
export function checkSender(owner: string, path: string, sender: unknown): Sender {
  if (isLabel(sender)) return Object.freeze({ address: sender });
  if (!isPlainObject(sender)) refuse(owner, path, 'must be an address or { address, name }');
  checkKeys(owner, path, sender, ['address', 'name']);
  if (!isLabel(sender.address)) refuse(owner, `${path}.address`, 'must be an address');
  if (sender.name === undefined) return Object.freeze({ address: sender.address });
  if (!isLabel(sender.name)) refuse(owner, `${path}.name`, 'must be a text of 1–255 bytes');
  return Object.freeze({ address: sender.address, name: sender.name });
}

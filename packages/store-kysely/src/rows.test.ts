import { expect, it } from 'vitest';
import { decodeRow } from './rows.ts';
import { tables } from './tables.ts';

const id = '01890a5d-ac96-774b-bcce-b302099a8057';
const idBytes = Buffer.from(id.replaceAll('-', ''), 'hex');
const hash = Buffer.alloc(32, 0xa7);
const row = { scope: 7, kind: 'email', value: 'åsa@example.com', contactId: id, hash: new Uint8Array(hash) };

it.each([
  ['text', { scope: '7', kind: 'email', value: row.value, contact_id: id, hash: `\\x${hash.toString('hex')}` }],
  ['bytes', { scope: 7, kind: Buffer.from('email'), value: Buffer.from(row.value), contact_id: idBytes, hash }],
  [
    'other forms of bytes',
    {
      scope: 7n,
      kind: new Uint8Array(Buffer.from('email')),
      value: Uint8Array.from(Buffer.from(row.value)).buffer,
      contact_id: new Uint8Array(idBytes),
      hash: new Uint8Array(hash),
    },
  ],
])('a row is read from %s', (_, raw) => {
  expect(decodeRow(tables.identifiers, raw)).toEqual(row);
});

it('a timeline of which a line was damaged is read all the same', () => {
  const [whole, broken] = ['{"event":"queued","at":1}', '{"event":"att'];
  for (const [timeline, expected] of [
    [`${whole}\n`, [{ event: 'queued', at: 1 }]],
    [
      `${whole}\n${broken}\n${whole}\n`,
      [
        { event: 'queued', at: 1 },
        { event: 'unreadable', at: 0 },
        { event: 'queued', at: 1 },
      ],
    ],
    ['null x\n', [{ event: 'unreadable', at: 0 }]],
  ] as const) {
    expect(decodeRow<{ timeline: unknown }>(tables.messages, { timeline })).toMatchObject({ timeline: expected });
  }
});

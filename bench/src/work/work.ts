// The work that every contender does: 10,000 people, an order confirmation of 2 KB, a key on every send.

/** How many contacts there are. */
export const people = 10_000;

/** The address of a contact. */
export const addressOf = (person: number): string => `customer.${person % people}@mail.example.com`;

/** The first name of a contact. */
export const nameOf = (person: number): string => names[person % names.length] as string;

const names = ['Amelia', 'Benedikt', 'Chiara', 'Dmitri', 'Eleni', 'Farid', 'Greta', 'Hiroshi', 'Ines', 'Jakub'];
const goods = ['Darjeeling first flush', 'Earl Grey, loose', 'Sencha Yabukita', 'Rooibos with orange peel'];

/** What an order confirmation says. */
export interface Order {
  readonly order: string;
  readonly placed: string;
  readonly items: readonly { readonly name: string; readonly quantity: number; readonly price: string }[];
  readonly total: string;
  readonly address: string;
  readonly link: string;
}

/** The payload of a send: about 370 bytes as JSON. */
export function orderOf(number: number): Order {
  return {
    order: `TD-${String(number).padStart(8, '0')}`,
    placed: '2026-03-14',
    items: [0, 1, 2].map((item) => ({
      name: goods[(number + item) % goods.length] as string,
      quantity: 1 + ((number + item) % 4),
      price: `${(number * 7 + item * 13) % 90}.50`,
    })),
    total: `${(number * 31) % 400}.00`,
    address: `${1 + (number % 200)} Harbour Street, Rotterdam`,
    link: `https://shop.example.com/orders/TD-${String(number).padStart(8, '0')}`,
  };
}

/** The templates, for any Handlebars: `firstName` is the contact's, all else the payload's. */
export function templatesOf(firstName: string): {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
} {
  const cell = 'style="padding:8px 12px;border-bottom:1px solid #e4e0d8"';
  return {
    subject: 'Your order {{order}} is confirmed',
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Order {{order}}</title></head>
<body style="margin:0;background:#f6f4ef;font-family:Georgia,serif;color:#2c2a26">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:32px 12px">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="background:#ffffff;border:1px solid #e4e0d8">
<tr><td style="padding:28px 32px"><h1 style="margin:0 0 12px;font-size:22px">Thank you, {{${firstName}}}!</h1>
<p style="margin:0 0 16px;line-height:1.5">We have received your order <strong>{{order}}</strong> of {{placed}} and are packing it now.
You will hear from us again as soon as the parcel is on its way. Until then you can change the address or cancel the order.</p>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse">
<tr><th align="left" ${cell}>What</th><th align="right" ${cell}>How many</th><th align="right" ${cell}>Price</th></tr>
{{#each items}}<tr><td ${cell}>{{name}}</td><td align="right" ${cell}>{{quantity}}</td><td align="right" ${cell}>{{price}} €</td></tr>
{{/each}}<tr><td ${cell}><strong>Total</strong></td><td></td><td align="right" ${cell}><strong>{{total}} €</strong></td></tr></table>
<p style="margin:16px 0;line-height:1.5">It goes to: {{address}}</p>
<p style="margin:0"><a href="{{link}}" style="display:inline-block;padding:10px 18px;background:#5a7d4f;color:#ffffff">See your order</a></p>
</td></tr></table></td></tr></table></body></html>`,
    text:
      'Thank you, {{' +
      firstName +
      '}}!\n\nYour order {{order}} of {{placed}} over {{total}} € goes to {{address}}.\n{{link}}\n',
  };
}

/** The key of a send: no two sends of one bench have the same. */
export const keyOf = (run: string, number: number): string => `order-${run}-${number}`;

/** What a provider does here: takes a message, one turn of the event loop later. */
export function nullProvider(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Calls `work` for 0 … count - 1 from so many loops at once, as so many callers would that each wait for their answer. */
export async function byCallers(
  callers: number,
  count: number,
  work: (number: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  async function call(): Promise<void> {
    for (let number = next++; number < count; number = next++) await work(number);
  }
  await Promise.all(Array.from({ length: callers }, call));
}

// Deeper arrays are a mistake or a cycle.
const deepestArray = 8;

function textOfObject(value: object, visit: () => void, depth: number): string {
  if (Array.isArray(value)) {
    if (depth === deepestArray) return '';
    let text = '';
    for (let index = 0; index < value.length; index++) {
      visit();
      text += (index === 0 ? '' : ',') + textOfValue(value[index], visit, depth + 1);
    }
    return text;
  }
  // Never `String(value)`: an own `toString` of the payload would be called.
  if (value instanceof Date) {
    const time = Date.prototype.getTime.call(value);
    return Number.isNaN(time) ? '' : new Date(time).toISOString();
  }
  return value instanceof URL ? value.href : '[object Object]';
}

/**
 * The text a value is written as. Nothing of the value is ever called, so functions count as missing, and an object with
 * its own `toString` or `toHTML` is written as any object is.
 */
export function textOfValue(value: unknown, visit: () => void, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? '' : textOfObject(value, visit, depth);
    default:
      return '';
  }
}

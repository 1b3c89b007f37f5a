// Holds the write lock of a SQLite file for a while.
import { DatabaseSync } from 'node:sqlite';

const [file = '', holdMs = '0'] = process.argv.slice(2);
const database = new DatabaseSync(file, { timeout: 5_000 });
database.exec('BEGIN IMMEDIATE');
process.stdout.write('locked\n');
setTimeout(() => {
  database.exec('COMMIT');
  database.close();
}, Number(holdMs));

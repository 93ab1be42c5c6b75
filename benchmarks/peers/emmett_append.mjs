// Contestant: Emmett, an event store for Node.js on PostgreSQL.
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { randomUUID } from 'node:crypto';
import { contest, inFlight, task } from './contestant.mjs';

const { user, password, host, dbname } = task.database;
const url = `postgresql://${user}:${encodeURIComponent(password)}@/${encodeURIComponent(dbname)}?host=${encodeURIComponent(host)}`;
const store = getPostgreSQLEventStore(url);
await store.schema.migrate();

const opened = () => ({
  type: 'WalletOpened',
  data: { at: new Date().toISOString(), by: 'juice', correlation_id: randomUUID(), account_id: randomUUID(), currency: 'ZAR' },
});
const create = () => store.appendToStream(`wallet-${randomUUID()}`, [opened()], { expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' });

await inFlight(create, task.callers, task.warm_up_s);
await contest(() => inFlight(create, task.callers, task.seconds));
await store.close();
process.exit(0);

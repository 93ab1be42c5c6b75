// A server as one writes it with fastify and pg: two processes, a pool each, JSON by a schema; the session is looked up with
// each request, as Seed's is, and the answer holds what Seed's holds.
import Fastify from 'fastify';
import pg from 'pg';
import cluster from 'node:cluster';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { stage: file, port } = JSON.parse(process.argv.at(-1));
const WORKERS = 2;

if (cluster.isPrimary) {
  const { database, meters } = JSON.parse(readFileSync(file, 'utf8'));
  const client = new pg.Client({ user: database.user, password: database.password, host: database.host, database: database.dbname });
  await client.connect();
  await client.query(`CREATE SCHEMA IF NOT EXISTS peer;
    CREATE TABLE IF NOT EXISTS peer.meters (number text PRIMARY KEY, redeemed bigint NOT NULL DEFAULT 0,
      changed_at timestamptz NOT NULL DEFAULT now());
    CREATE TABLE IF NOT EXISTS peer.redemptions (id uuid PRIMARY KEY, serial text NOT NULL UNIQUE,
      meter text NOT NULL REFERENCES peer.meters, stage text NOT NULL, at timestamptz NOT NULL DEFAULT now());
    CREATE TABLE IF NOT EXISTS peer.audit (id bigserial PRIMARY KEY, redemption_id uuid NOT NULL, kind text NOT NULL,
      at timestamptz NOT NULL DEFAULT now(), data jsonb NOT NULL);`);
  await client.query('INSERT INTO peer.meters (number) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING', [Object.values(meters).flat()]);
  await client.end();
  for (let number = 0; number < WORKERS; number += 1) cluster.fork();
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.kill();
    process.exit(0);
  });
} else {
  const stage = JSON.parse(readFileSync(file, 'utf8'));
  const { user, password, host, dbname } = stage.database;
  pg.types.setTypeParser(20, Number);
  const pool = new pg.Pool({ user, password, host, database: dbname, max: 8 });

  const s = { type: 'string' };
  const n = { type: 'integer' };
  const nullable = { type: ['string', 'null'] };
  const list = (properties) => ({ type: 'array', items: { type: 'object', properties } });
  const line = { kind: s, amount: n, debt_id: nullable, description: nullable, balance_before: n, balance_after: n };
  const dashboard = {
    type: 'object',
    properties: {
      number: s,
      name: s,
      address: s,
      language: s,
      contacts: list({ channel: s, value: s, standing: s, confirmed: { type: 'boolean' } }),
      meters: list({ meter_id: s, number: s, kind: s, resource: s, unit: s, days_left: nullable }),
      wallet: { type: 'object', properties: { amount: n, currency: s } },
      arrears_total: n,
      arrears: list({ debt_id: s, description: s, balance: n, original: n, share: n, plan: s, opened_on: s }),
      usage: list({ meter_id: s, unit: s, days: list({ day: s, units: s }) }),
      activity: list({
        juice_number: s,
        happened_at: s,
        kind: s,
        meter_id: nullable,
        amount: n,
        currency: s,
        units: s,
        unit: s,
        arrears: n,
        fees: n,
        tax: n,
        wallet_change: n,
        wallet_balance: n,
        lines: list(line),
        tokens: list({ kind: s, digits: s, order: n }),
      }),
      unfinished: list({ kind: s, id: s, stage: s, amount: n, currency: s, since: s }),
      days_left: nullable,
      position: n,
      behind: { type: 'boolean' },
    },
  };

  const ask = async (name, text, values) => (await pool.query({ name, text, values })).rows;
  const units = (milliunits) => String(milliunits / 1000);

  const session = async (request, schema) => {
    const token = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    const hash = createHash('sha256').update(token).digest();
    const text = `SELECT s.account_id FROM seed.sessions s LEFT JOIN ${schema}.credentials c USING (account_id)
      WHERE token_hash = $1 AND utility = $2 AND expires_at > now() AND seen_at > now() - interval '2 hours'
      AND credential_version >= coalesce(c.version, 0)`;
    return (await ask(`session ${schema}`, text, [hash, schema.slice(2)]))[0]?.account_id;
  };

  const app = Fastify();
  app.get('/dashboard', { schema: { response: { 200: dashboard } } }, async (request, reply) => {
    const schema = stage.utilities[request.headers.host];
    const account = await session(request, schema);
    if (account === undefined) return reply.code(401).send({});
    const [[row], activity, , purchases, redemptions] = await Promise.all([
      ask(`dashboard ${schema}`, `SELECT * FROM ${schema}.dashboard WHERE account_id = $1`, [account]),
      ask(
        `activity ${schema}`,
        `SELECT * FROM ${schema}.activity WHERE account_id = $1 AND happened_at >= now() - interval '90 days'
         ORDER BY happened_at DESC, position DESC LIMIT 20`,
        [account],
      ),
      ask(`left ${schema}`, `SELECT * FROM ${schema}.days_left WHERE account_id = $1`, [account]),
      ask(
        `purchases ${schema}`,
        `SELECT purchase_id, stage, amount, currency, requested_at FROM ${schema}.purchases
         WHERE account_id = $1 AND stage IN ('requested', 'authorised', 'sent', 'doubted') ORDER BY requested_at DESC LIMIT 5`,
        [account],
      ),
      ask(
        `redemptions ${schema}`,
        `SELECT redemption_id, stage, amount, currency, reserved_at FROM ${schema}.redemptions
         WHERE account_id = $1 AND stage IN ('reserved', 'sent', 'doubted') ORDER BY reserved_at DESC LIMIT 5`,
        [account],
      ),
    ]);
    if (row === undefined) return reply.code(404).send({});
    return {
      ...row,
      meters: row.meters.map((meter) => ({ ...meter, days_left: null })),
      wallet: { amount: row.wallet_balance, currency: row.currency },
      arrears_total: row.debts.reduce((sum, debt) => sum + debt.balance, 0),
      arrears: row.debts.sort((a, b) => (a.share < 100) - (b.share < 100) || a.opened_on.localeCompare(b.opened_on)),
      usage: row.usage.map((used) => ({ ...used, days: used.days.map(([day, milliunits]) => ({ day, units: units(milliunits) })) })),
      activity: activity.map((each) => ({ ...each, happened_at: each.happened_at.toISOString(), units: units(each.milliunits) })),
      unfinished: [
        ...purchases.map((p) => ({ ...p, kind: 'purchase', id: p.purchase_id, since: p.requested_at.toISOString() })),
        ...redemptions.map((r) => ({ ...r, kind: 'redemption', id: r.redemption_id, since: r.reserved_at.toISOString() })),
      ],
      days_left: null,
      behind: false,
    };
  });
  // A card is redeemed: its meter's row changes, and what happened is kept twice, for the customer and for whoever looks later.
  app.post('/redemptions', async (request, reply) => {
    const { serial, code, number } = request.body;
    if (!/^[A-Za-z0-9]{1,32}$/.test(serial) || !/^[A-Za-z0-9]{12,24}$/.test(code)) return reply.code(422).send({});
    const id = randomUUID();
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await client.query({
        name: 'meter',
        text: 'UPDATE peer.meters SET redeemed = redeemed + 1, changed_at = now() WHERE number = $1',
        values: [number],
      });
      await client.query({
        name: 'redemption',
        text: 'INSERT INTO peer.redemptions (id, serial, meter, stage) VALUES ($1, $2, $3, $4)',
        values: [id, serial, number, 'reserved'],
      });
      await client.query({
        name: 'audit',
        text: 'INSERT INTO peer.audit (redemption_id, kind, data) VALUES ($1, $2, $3)',
        values: [id, 'reserved', JSON.stringify({ serial, number, key: request.headers['idempotency-key'] })],
      });
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
    return reply.code(202).send({ redemption_id: id });
  });

  await app.listen({ port, host: '127.0.0.1' });
}

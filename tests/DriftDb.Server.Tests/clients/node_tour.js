// node-postgres: simple and extended protocol, named statements, errors, transactions, notifications.
const assert = require('node:assert')
const { Client } = require('pg')

async function main() {
  const config = { host: '127.0.0.1', port: Number(process.env.PGPORT), user: 'driftdb', password: 'driftdb', database: 'driftdb' }
  const db = new Client(config)
  await db.connect()
  await db.query('create table node_t(id int primary key, t text, j jsonb, ts timestamptz)')
  const when = new Date('2024-02-29T12:34:56.789Z')
  const inserted = await db.query('insert into node_t values ($1, $2, $3, $4), ($5, null, null, null)', [1, "né'", { a: [1, null] }, when, 2])
  assert.strictEqual(inserted.rowCount, 2)
  for (let i = 0; i < 3; i++) {
    const { rows, fields } = await db.query({ name: 'by-id', text: 'select * from node_t where id = $1', values: [1] })
    assert.deepStrictEqual(rows, [{ id: 1, t: "né'", j: { a: [1, null] }, ts: when }])
    assert.deepStrictEqual(fields.map(f => f.name), ['id', 't', 'j', 'ts'])
  }
  const many = await Promise.all(Array.from({ length: 200 }, (_, i) => db.query('select $1::int + 1 as n', [i])))
  many.forEach((r, i) => assert.strictEqual(r.rows[0].n, i + 1))
  await assert.rejects(db.query('select nosuch'), e => e.code === '42703' && e.position === '8')
  await db.query('begin')
  await assert.rejects(db.query('insert into node_t(id) values ($1)', [1]), e => e.code === '23505' && e.constraint === 'node_t_pkey')
  await assert.rejects(db.query('select 1'), e => e.code === '25P02')
  await db.query('rollback')
  const several = await db.query('select 1 as a; select 2 as b')
  assert.deepStrictEqual(several.map(r => r.rows), [[{ a: 1 }], [{ b: 2 }]])

  const other = new Client(config)
  await other.connect()
  const heard = new Promise(resolve => db.on('notification', resolve))
  await db.query('listen node_channel')
  await other.query("notify node_channel, 'hello'")
  assert.strictEqual((await heard).payload, 'hello')
  await other.end()
  await db.end()
  console.log('ok')
}

main().catch(e => { console.error(e); process.exit(1) })

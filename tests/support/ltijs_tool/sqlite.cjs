// SQLite compiled to WebAssembly in the shape of the package 'sqlite3', as Sequelize calls it.
// The package itself has to be compiled by every machine, which takes minutes.
'use strict'
const wasm = require('node-sqlite3-wasm')

class Statement {
  constructor ({ changes = 0, lastInsertRowId = 0 }) {
    this.changes = changes
    this.lastID = lastInsertRowId
  }
}

class Database {
  constructor (path, _mode, ready) {
    this.filename = path
    this.database = new wasm.Database(path)
    setImmediate(ready, null)
  }

  serialize (work) { work() }

  run (sql, ...rest) { return this.#call('run', sql, rest) }

  all (sql, ...rest) { return this.#call('all', sql, rest) }

  close (done = () => {}) {
    this.database.close()
    setImmediate(done, null)
  }

  #call (method, sql, rest) {
    const done = typeof rest.at(-1) === 'function' ? rest.pop() : () => {}
    let error = null
    let found = {}
    try {
      found = this.database[method](sql, named(sql, rest[0]))
    } catch (problem) {
      error = Object.assign(problem, { code: 'SQLITE_ERROR' })
    }
    const rows = method === 'all' ? found : undefined
    setImmediate(() => done.call(new Statement(rows ? {} : found), error, rows))
    return this
  }
}

// 'sqlite3' ignores values that the statement does not name; this one refuses them.
function named (sql, values) {
  if (!values || Array.isArray(values)) return values
  const used = Object.entries(values).filter(([name]) => sql.includes(name))
  return used.length ? Object.fromEntries(used) : undefined
}

module.exports = { Database, OPEN_READONLY: 1, OPEN_READWRITE: 2, OPEN_CREATE: 4 }

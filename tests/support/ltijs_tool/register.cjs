// ltijs with SQLite: dynamic registration at /register until it is ended, its database in the folder
// argv[2]. Prints one JSON line when it is ready.
'use strict'
const path = require('path')
const { Provider: lti } = require('ltijs')
const Database = require('ltijs-sequelize')

async function main () {
  const storage = path.join(process.argv[2], 'ltijs.sqlite')
  const database = new Database('ltijs', '', '', {
    dialect: 'sqlite', dialectModule: require('./sqlite.cjs'), storage, logging: false
  })
  lti.setup('a key of the benchmark', { plugin: database }, {
    devMode: true,
    dynRegRoute: '/register',
    dynReg: { url: 'https://tool.example.com', name: 'Example', autoActivate: true }
  })
  await lti.deploy({ serverless: true, silent: true })
  const server = lti.app.listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    process.stdout.write(JSON.stringify({ base_url: `http://127.0.0.1:${port}` }) + '\n')
  })
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})

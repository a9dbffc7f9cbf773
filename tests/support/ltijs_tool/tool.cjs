// ltijs with SQLite: loads the module that ltictl exported (argv[2]) and serves until it is ended.
// Prints one JSON line when it is ready.
'use strict'
const path = require('path')
const { Provider: lti } = require('ltijs')
const Database = require('ltijs-sequelize')

async function main () {
  const storage = path.join(process.argv[3], 'ltijs.sqlite')
  const database = new Database('ltijs', '', '', {
    dialect: 'sqlite', dialectModule: require('./sqlite.cjs'), storage, logging: false
  })
  lti.setup('a key of the test', { plugin: database }, { devMode: true })
  lti.whitelist('/register')
  await lti.deploy({ serverless: true })
  const register = require(path.resolve(process.argv[2]))
  await register(lti)
  await register(lti)
  const platforms = await lti.getAllPlatforms()
  const known = await Promise.all(platforms.map(async each => ({
    url: await each.platformUrl(),
    clientId: await each.platformClientId(),
    name: await each.platformName(),
    authorizationServer: await each.platformAuthorizationServer(),
    active: await each.platformActive()
  })))
  const server = lti.app.listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    process.stdout.write(JSON.stringify({ base_url: `http://127.0.0.1:${port}`, known }) + '\n')
  })
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})

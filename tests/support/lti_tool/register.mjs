// lti-tool behind a bare HTTP server: dynamic registration at /register until it is ended.
// Prints one JSON line when it is ready. Its key comes from the file argv[2], made if it is not
// there; what it registers is kept in memory, since no store of its own can be installed.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { LTITool } from '@lti-tool/core'

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

class Memory {
  clients = new Map()
  sessions = new Map()
  async setRegistrationSession (id, session) { this.sessions.set(id, session) }
  async getRegistrationSession (id) { return this.sessions.get(id) }
  async deleteRegistrationSession (id) { this.sessions.delete(id) }
  async addClient (client) {
    this.clients.set(client.clientId, { ...client, deployments: [] })
    return client.clientId
  }

  async addDeployment (clientId, deployment) {
    this.clients.get(clientId).deployments.push(deployment)
    return deployment.deploymentId
  }
}

async function keyPair (file) {
  const { subtle } = globalThis.crypto
  if (!existsSync(file)) {
    const size = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
    const made = await subtle.generateKey({ ...RSA, ...size }, true, ['sign', 'verify'])
    const [publicJwk, privateJwk] = await Promise.all(
      [made.publicKey, made.privateKey].map(key => subtle.exportKey('jwk', key)))
    writeFileSync(file, JSON.stringify({ publicJwk, privateJwk }), { mode: 0o600 })
  }
  const { publicJwk, privateJwk } = JSON.parse(readFileSync(file, 'utf8'))
  return {
    publicKey: await subtle.importKey('jwk', publicJwk, RSA, true, ['verify']),
    privateKey: await subtle.importKey('jwk', privateJwk, RSA, true, ['sign'])
  }
}

async function bodyOf (request) {
  let text = ''
  for await (const piece of request) text += piece
  return new URLSearchParams(text)
}

const tool = new LTITool({
  stateSecret: new TextEncoder().encode('a secret of the benchmark, long enough'),
  keyPair: await keyPair(process.argv[2]),
  storage: new Memory(),
  dynamicRegistration: { url: 'https://tool.example.com', name: 'Example' }
})

async function page (request) {
  const { searchParams } = new URL(request.url, 'http://127.0.0.1')
  if (request.method === 'GET') {
    return tool.initiateDynamicRegistration(Object.fromEntries(searchParams), '/register')
  }
  const form = await bodyOf(request)
  const services = form.getAll('services')
  return tool.completeDynamicRegistration({ sessionToken: form.get('sessionToken'), services })
}

const server = createServer(async (request, response) => {
  try {
    const html = await page(request)
    response.writeHead(200, { 'content-type': 'text/html' }).end(html)
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain' }).end(`${error.stack}`)
  }
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  process.stdout.write(JSON.stringify({ base_url: `http://127.0.0.1:${port}` }) + '\n')
})

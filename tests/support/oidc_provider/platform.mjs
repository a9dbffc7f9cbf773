// An LTI platform made of a standards-conforming OpenID provider, for the tests. Started by
// tests/support/oidc.py: prints one JSON line when it is ready and ends when its stdin is closed.
//
//   PORT                  where to listen on 127.0.0.1; 0 takes a free one
//   REGISTRATION_TOKEN    the initial access token of the registration endpoint
//   JWKS_CACHE_SECONDS    how long a tool's key set is kept; the provider's own rule (60 s or more,
//                         as the tool's headers say) where it is not set

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import Provider, { errors } from 'oidc-provider';

const TOOL = 'https://purl.imsglobal.org/spec/lti-tool-configuration';
const PLATFORM = 'https://purl.imsglobal.org/spec/lti-platform-configuration';
const SERVICES = [
  'https://purl.imsglobal.org/spec/lti-ags/scope/lineitem',
  'https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly',
  'https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly',
  'https://purl.imsglobal.org/spec/lti-ags/scope/score',
  'https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly',
];

const registrationToken = process.env.REGISTRATION_TOKEN || randomUUID();
const cacheSeconds = process.env.JWKS_CACHE_SECONDS;
const deployments = new Map();
const fetchedAt = new Map();

function now() {
  return Math.floor(Date.now() / 1000);
}

function deploymentOf(clientId) {
  if (!deployments.has(clientId)) deployments.set(clientId, String(deployments.size + 1));
  return deployments.get(clientId);
}

// Called for every client that is made, changed or read again.
function completeToolConfiguration(_ctx, key, value, metadata) {
  if (key !== TOOL) return;
  if (typeof value !== 'object' || value === null || !value.domain || !value.target_link_uri) {
    throw new errors.InvalidClientMetadata(`${TOOL} needs domain and target_link_uri`);
  }
  metadata[TOOL] = { ...value, deployment_id: deploymentOf(metadata.client_id) };
}

// The provider refuses to fetch from loopback addresses, and that is where the tests' tools are.
async function fetchFromAnywhere(url, { dispatcher: _refusesLoopback, ...options }) {
  fetchedAt.set(String(url), now());
  return fetch(url, options);
}

function limitKeyCache(provider) {
  const find = provider.Client.find;
  provider.Client.find = async function findAndLimit(...args) {
    const client = await find.apply(this, args);
    const at = client?.jwksUri && fetchedAt.get(new URL(client.jwksUri).href);
    if (at !== undefined && client?.asymmetricKeyStore.freshUntil) {
      client.asymmetricKeyStore.freshUntil = at + Number(cacheSeconds);
    }
    return client;
  };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' };
}

function makeProvider(issuer) {
  return new Provider(issuer, {
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomUUID()] },
    scopes: ['openid', ...SERVICES],
    claims: { openid: ['sub', 'name', 'given_name', 'family_name', 'email'] },
    responseTypes: ['id_token'],
    clientAuthMethods: ['private_key_jwt'],
    discovery: {
      [PLATFORM]: {
        product_family_code: 'example-lms',
        version: '1.0',
        messages_supported: [
          { type: 'LtiResourceLinkRequest' },
          { type: 'LtiDeepLinkingRequest', placements: ['ContentArea'] },
        ],
        variables: ['User.id', 'Context.id', 'CourseSection.sourcedId'],
      },
    },
    extraClientMetadata: { properties: [TOOL], validator: completeToolConfiguration },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      registration: { enabled: true, initialAccessToken: registrationToken },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
    },
    interactions: { url: () => '/interaction' },
    ttl: { ClientCredentials: 3600 },
    fetch: fetchFromAnywhere,
  });
}

const server = createServer();
server.listen(Number(process.env.PORT || 0), '127.0.0.1', () => {
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  const provider = makeProvider(baseUrl);
  if (cacheSeconds !== undefined) limitKeyCache(provider);
  server.on('request', provider.callback());
  console.log(JSON.stringify({ base_url: baseUrl, registration_token: registrationToken }));
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));

// What the tests run: one Node client library, unchanged, sending as a shop's program would.
//
// `node send.mjs LIBRARY < ORDER`: a client for each place of the order, all at once; each sends the
// same calls and is flushed. On standard output: the errors that each client told its program of.

import { Analytics as Segment } from '@segment/analytics-node'
import Rudder from '@rudderstack/rudder-sdk-node'

function segment(order, place, errors) {
  const client = new Segment({
    writeKey: order.key,
    host: place.url,
    flushInterval: 100,
    httpRequestTimeout: place.timeout_s * 1000,
  })
  client.on('error', (error) => errors.push(`${error.code}: ${error.reason}`))
  return { client, sent: () => client.closeAndFlush() }
}

function rudder(order, place, errors) {
  const client = new Rudder(order.key, {
    dataPlaneUrl: place.url,
    flushInterval: 100,
    gzip: order.gzip,
    timeout: place.timeout_s * 1000,
    logLevel: 'none',
    errorHandler: (error) => errors.push(String(error)),
  })
  return { client, sent: () => client.flush() }
}

// Every kind of call, and tracks until there are `n`; true once each was told how it ended.
async function send(name, n, { client, sent }) {
  const userId = `${name}-user`
  const ends = []
  const call = (kind, message) =>
    ends.push(new Promise((resolve) => client[kind](message, () => resolve())))
  call('identify', { userId, traits: { email: `${userId}@example.org`, plan: null } })
  call('page', { userId, category: 'Shoes', name: 'Boots', properties: { path: '/boots' } })
  call('screen', { userId, name: 'Start' })
  call('group', { userId, groupId: `${name}-group`, traits: { name: 'é 漢 🦊' } })
  call('alias', { userId, previousId: `${name}-old` })
  call('track', { anonymousId: '7000001', event: 'Seen' })
  for (let i = 0; i < n - 6; i += 1) {
    call('track', { userId, event: 'Product Viewed', properties: { fault: name, n: i } })
  }
  await sent()
  await Promise.all(ends)
}

async function read(stream) {
  let text = ''
  for await (const chunk of stream) text += chunk
  return JSON.parse(text)
}

const open = { segment, rudder }[process.argv[2]]
const order = await read(process.stdin)
const errors = {}
await Promise.all(
  Object.entries(order.places).map(([name, place]) => {
    errors[name] = []
    return send(name, order.n, open(order, place, errors[name]))
  }),
)
process.stdout.write(JSON.stringify(errors), () => process.exit(0))
